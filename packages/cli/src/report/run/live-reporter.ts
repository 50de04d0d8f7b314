import type { TaskId } from "@slipway/kernel";
import type { RunEvent } from "@slipway/run";
import { liveBlock } from "../live-block.ts";
import { painter, type Paint } from "../paint.ts";
import { durationText } from "../text.ts";
import { plainReporter } from "./plain-reporter.ts";
import type { Reporter, ReporterOptions } from "./reporter.ts";

const FRAME_MS = 100;
const RUNNING_SHOWN_MAX = 12;

/** The plain account, and below it a block that shows how far the run is and what runs now. */
export function liveReporter(options: ReporterOptions): LiveReporter {
  const { outside, now } = options;
  const block = liveBlock(outside.terminal);
  const account = plainReporter({
    ...options,
    outside: {
      ...outside,
      answer: (text) => block.above(() => outside.answer(text)),
      say: (text) => block.above(() => outside.say(text)),
    },
  });
  const progress: Progress = { all: 0, done: 0, hits: 0, failed: 0, running: new Map(), startedAt: now() };
  const paint = painter(outside.terminal.color);
  const frame = (): void => block.draw(frameLines(progress, now(), paint));
  const timer = setInterval(frame, FRAME_MS);
  timer.unref();
  const stop = (): void => {
    clearInterval(timer);
    block.end();
  };
  return {
    frame,
    event(event) {
      advance(progress, event, now());
      if (event.type === "finished") stop();
      account.event(event);
    },
    end() {
      stop();
      account.end();
    },
  };
}

interface LiveReporter extends Reporter {
  /** Draws the block as it is now; a timer does it too. */
  frame(): void;
}

interface Progress {
  all: number;
  done: number;
  hits: number;
  failed: number;
  readonly running: Map<TaskId, number>;
  readonly startedAt: number;
}

function advance(progress: Progress, event: RunEvent, now: number): void {
  if (event.type === "started") progress.all = event.tasks;
  if (event.type === "start") progress.running.set(event.id, now);
  if (event.type !== "task") return;
  progress.running.delete(event.id);
  // Tasks that only pass their needs through end too, but were not counted.
  if (progress.done < progress.all) progress.done++;
  if (event.cache === "hit") progress.hits++;
  if (event.status === "failed") progress.failed++;
}

function frameLines(
  { all, done, hits, failed, running, startedAt }: Progress,
  now: number,
  paint: Paint,
): string[] {
  const counts = [`${done}/${all} done`, `${hits} from the cache`];
  if (failed > 0) counts.push(paint("red", `${failed} failed`));
  const shown = [...running].slice(0, RUNNING_SHOWN_MAX);
  const more = running.size - shown.length;
  return [
    [...counts, durationText(now - startedAt)].join(" · "),
    ...shown.map(([id, since]) => `  ${paint("cyan", "▸")} ${id} ${durationText(now - since)}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}
