import type { GateResult } from "@slipway/gates";
import type { ReleaseEvent } from "@slipway/release";
import type { RunEvent } from "@slipway/run";

/** What a rehearsal says while it goes on; `--json` prints one a line, and the report as the last. */
export type RehearsalEvent =
  | { readonly type: "phase"; readonly phase: Phase; readonly status: "started" }
  | {
      readonly type: "phase";
      readonly phase: Phase;
      readonly status: "done" | "failed";
      readonly durationMs: number;
      readonly summary: string;
    }
  /** What a phase is doing now: shown in a live block, never on a pipe. */
  | { readonly type: "progress"; readonly phase: Phase; readonly text: string }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "build"; readonly event: RunEvent }
  | { readonly type: "gate"; readonly result: GateResult }
  | { readonly type: "release"; readonly event: ReleaseEvent };

export type Phase =
  | "checkout"
  | "install"
  | "version"
  | "lockfile"
  | "build"
  | "seal"
  | "stage"
  | "gates"
  | "publish"
  | "consume"
  | "cleanup";

/** Times phases and tells of them; what a rehearsal notes on the way is collected for its report. */
export class Phases {
  readonly durations: { name: Phase; durationMs: number }[] = [];
  readonly notes: string[] = [];
  readonly #tell: (event: RehearsalEvent) => void;
  readonly #now: () => number;

  constructor(tell: (event: RehearsalEvent) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  async run<T>(
    phase: Phase,
    work: () => Promise<{ readonly value: T; readonly summary: string }>,
  ): Promise<T> {
    const startedAt = this.#now();
    this.#tell({ type: "phase", phase, status: "started" });
    let summary = "";
    let status: "done" | "failed" = "failed";
    try {
      const result = await work();
      status = "done";
      summary = result.summary;
      return result.value;
    } finally {
      const durationMs = this.#now() - startedAt;
      this.durations.push({ name: phase, durationMs });
      this.#tell({ type: "phase", phase, status, durationMs, summary });
    }
  }

  progressOf(phase: Phase): (text: string) => void {
    return (text) => this.#tell({ type: "progress", phase, text });
  }

  note(text: string): void {
    if (this.notes.includes(text)) return;
    this.notes.push(text);
    this.#tell({ type: "note", text });
  }

  tell(event: RehearsalEvent): void {
    this.#tell(event);
  }
}
