/** What a rehearsal found out: plain JSON, printed by `--json` as it is and rendered by report/rehearsal.ts. */
export interface RehearsalReport {
  readonly schema: 1;
  readonly commit: string;
  readonly uncommitted: { readonly paths: readonly string[]; readonly taken: boolean };
  /** `changesets`: the pending ones. `snapshot`: none is pending, so what changed since the last release. */
  readonly source: "changesets" | "snapshot";
  readonly bumps: readonly RehearsedBump[];
  readonly manager: { readonly name: string; readonly version: string; readonly from: string };
  readonly tasks: readonly RehearsedTask[];
  readonly packages: readonly RehearsedPackage[];
  readonly verdicts: readonly RehearsedVerdict[];
  /** As uploaded: dependencies first. */
  readonly published: readonly string[];
  readonly promoted: readonly RehearsedTag[];
  readonly consumers: readonly RehearsedConsumer[];
  readonly phases: readonly { readonly name: string; readonly durationMs: number }[];
  /** What the reader should know and what is no finding of a gate. */
  readonly notes: readonly string[];
  readonly ok: boolean;
}

export interface RehearsedBump {
  readonly package: string;
  readonly from: string;
  readonly to: string;
  readonly bump: string;
  /** Sentences. */
  readonly because: readonly string[];
}

export interface RehearsedTask {
  readonly id: string;
  readonly status: "ok" | "failed" | "skipped";
  readonly cache: "hit" | "miss" | "off";
  readonly durationMs: number;
}

export interface RehearsedPackage {
  readonly name: string;
  readonly version: string;
  readonly files: number;
  readonly sizeBytes: number;
  readonly integrity: string;
}

export interface RehearsedVerdict {
  readonly gate: string;
  readonly package: string;
  readonly verdict: "pass" | "warn" | "fail" | "skipped";
  readonly sentences: readonly string[];
}

export interface RehearsedTag {
  readonly package: string;
  readonly tag: string;
  readonly from: string | null;
  readonly to: string;
}

export interface RehearsedConsumer {
  readonly package: string;
  readonly version: string;
  readonly sentence: string;
  readonly ok: boolean;
}
