import type { Outside } from "../command.ts";
import type { RehearsalEvent } from "../journeys/rehearse/phases.ts";
import { buildTeller } from "./build-story.ts";
import { liveBlock } from "./live-block.ts";
import { painter, type Paint } from "./paint.ts";
import { releaseEventText } from "./release-event.ts";
import { durationText } from "./text.ts";

/** Shows a rehearsal while it goes on; all of it is story, so it goes to stderr. */
export interface RehearsalReporter {
  event(event: RehearsalEvent): void;
  /** Whatever happened: nothing of what moves stays on the terminal. */
  end(): void;
}

type Stderr = Pick<Outside, "say" | "terminal">;

/** One line for each phase and each thing that a release does; what a task wrote only when it failed. */
export function plainRehearsalReporter({ say, terminal }: Stderr): RehearsalReporter {
  const paint = painter(terminal.color);
  const build = buildTeller(paint);
  return {
    event(event) {
      if (event.type === "build") for (const line of build(event.event)) say(line);
      else for (const line of lines(event, paint)) say(line);
    },
    end: () => {},
  };
}

const FRAME_MS = 100;

/** The same lines, and below them what is done at this moment. */
export function liveRehearsalReporter(outside: Stderr, now: () => number): RehearsalReporter {
  const { terminal } = outside;
  const paint = painter(terminal.color);
  const block = liveBlock(terminal);
  const account = plainRehearsalReporter({
    terminal,
    say: (text) => block.above(() => outside.say(text)),
  });
  let running: { readonly phase: string; readonly startedAt: number } | null = null;
  let progress = "";
  const frame = (): void => {
    if (running === null) return;
    const took = paint("dim", durationText(now() - running.startedAt));
    block.draw([`${paint("cyan", "·")} ${running.phase.padEnd(10)} ${took}  ${paint("dim", progress)}`]);
  };
  const timer = setInterval(frame, FRAME_MS);
  timer.unref();
  return {
    event(event) {
      if (event.type === "phase") {
        running = event.status === "started" ? { phase: event.phase, startedAt: now() } : null;
        progress = "";
        if (running === null) block.end();
      }
      progress = progressOf(event) ?? progress;
      account.event(event);
    },
    end() {
      clearInterval(timer);
      block.end();
    },
  };
}

function progressOf(event: RehearsalEvent): string | null {
  if (event.type === "progress") return event.text.trim();
  if (event.type === "gate") return `${event.result.package}: ${event.result.gate}`;
  if (event.type === "build" && event.event.type === "start") return event.event.id;
  return null;
}

function lines(event: Exclude<RehearsalEvent, { type: "build" }>, paint: Paint): string[] {
  switch (event.type) {
    case "phase": {
      if (event.status === "started") return [];
      const mark = event.status === "done" ? paint("green", "✓") : paint("red", "✗");
      return [
        `${mark} ${event.phase.padEnd(10)} ${event.summary} ${paint("dim", `(${durationText(event.durationMs)})`)}`,
      ];
    }
    case "note":
      return [`${paint("yellow", "!")} ${event.text}`];
    case "release": {
      const text = releaseEventText(event.event);
      return text === null ? [] : [`  ${text}`];
    }
    case "gate":
    case "progress":
      return [];
  }
}
