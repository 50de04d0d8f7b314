import type { ExitStatus } from "@slipway/kernel";
import type { Context } from "../command.ts";
import type { RehearsalReporter } from "../report/rehearsal-reporter.ts";
import type { RehearsalEvent } from "./rehearse/phases.ts";
import { rehearse } from "./rehearse.ts";

/** The values of the flags of `slipway rehearse`. */
interface RehearseFlags {
  readonly "include-uncommitted": boolean;
  readonly build: string;
  readonly concurrency: number | undefined;
  readonly force: boolean;
  readonly keep: boolean;
  readonly "cache-dir": string | undefined;
  readonly json: boolean;
}

type Here = Pick<Context, "cwd" | "env" | "signal" | "terminal" | "answer" | "say">;

/** `slipway rehearse`: the rehearsal, shown while it goes on and reported at its end. */
export async function rehearseHere(flags: RehearseFlags, context: Here): Promise<ExitStatus> {
  const reporter = await reporterFor(flags, context);
  try {
    const report = await rehearse(
      {
        cwd: context.cwd,
        env: context.env,
        signal: context.signal,
        includeUncommitted: flags["include-uncommitted"],
        buildTask: flags.build,
        concurrency: flags.concurrency ?? null,
        force: flags.force,
        keep: flags.keep,
        cacheDir: flags["cache-dir"] ?? null,
      },
      (event) => reporter.event(event),
    );
    reporter.end();
    if (flags.json) {
      context.answer(JSON.stringify({ type: "report", ...report }));
    } else {
      const { renderRehearsal } = await import("../report/rehearsal.ts");
      const { terminal } = context;
      context.answer(renderRehearsal(report, { color: terminal.color, width: terminal.width() }));
    }
    return report.ok ? 0 : 1;
  } catch (error) {
    // What was stopped half-way fails for no reason of its own.
    if (context.signal.aborted) return 130;
    throw error;
  } finally {
    reporter.end();
  }
}

async function reporterFor(flags: Pick<RehearseFlags, "json">, context: Here): Promise<RehearsalReporter> {
  if (flags.json) {
    return { event: (event: RehearsalEvent) => context.answer(JSON.stringify(event)), end: () => {} };
  }
  const { liveRehearsalReporter, plainRehearsalReporter } = await import("../report/rehearsal-reporter.ts");
  return context.terminal.live
    ? liveRehearsalReporter(context, () => performance.now())
    : plainRehearsalReporter(context);
}
