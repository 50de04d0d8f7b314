import type { RunPlan } from "@slipway/plan";
import type { RunEvent } from "@slipway/run";
import type { Outside } from "../../command.ts";

/** Shows a run's events, live ones or stored ones, to whoever reads. */
export interface Reporter {
  event(event: RunEvent): void;
  /** Whatever happened: nothing of what moves stays on the terminal. */
  end(): void;
}

/** What a reporter wants to know of a task before it starts. */
export type ReportedTask = Pick<RunPlan["tasks"][number], "id" | "command" | "outputLogs"> &
  Partial<Pick<RunPlan["tasks"][number], "persistent" | "interactive">>;

export interface ReporterOptions {
  readonly outside: Pick<Outside, "answer" | "say" | "terminal">;
  readonly tasks: readonly ReportedTask[];
  /** Overrides what the tasks' own configuration says. */
  readonly outputLogs: OutputLogs | null;
  readonly logOrder: "auto" | "stream" | "grouped";
  /** Whether streamed lines stand behind their task's name; null: when more than one task runs. */
  readonly prefix: boolean | null;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

export type OutputLogs = RunPlan["tasks"][number]["outputLogs"];
