import type { PackageName } from "@slipway/kernel";
import { isRecord } from "@slipway/kernel";
import type { LedgerRecord } from "@slipway/ledger";

/** How far a release is: the fold of its journal. */
export interface Progress {
  /** The registries were looked at in this run. */
  readonly surveyed: boolean;
  /** The dist-tags of each package as they were before the first change; what a rollback restores. */
  readonly snapshot: Readonly<Record<PackageName, Readonly<Record<string, string>>>> | null;
  readonly uploaded: ReadonlySet<PackageName>;
  /** In mode `stage`: no longer waiting for somebody's approval. */
  readonly approved: ReadonlySet<PackageName>;
  /** In mode `stage`, as seen in this run: waiting for an approval that cannot be given here. Null: not looked yet. */
  readonly awaiting: ReadonlySet<PackageName> | null;
  readonly confirmed: ReadonlySet<PackageName>;
  readonly promoted: ReadonlySet<PackageName>;
  readonly cleaned: ReadonlySet<PackageName>;
  readonly gitTagged: boolean;
  readonly finished: boolean;
  /** In this run; a new run tries again. Steps that are no package's have the empty name. */
  readonly failed: ReadonlyMap<PackageName, Failure>;
}

export interface Failure {
  readonly outcome: "conflict" | "retryable" | "permanent" | "unknown";
  readonly message: string;
  /** The digest that the registry serves instead, in a conflict of bytes. */
  readonly served?: string;
  /** The version bears this release's own mark: another machine built it again. */
  readonly twin?: boolean;
  /** What the user can do. */
  readonly hint?: string;
  /** The registry refused the credentials. */
  readonly refused?: boolean;
}

export type StepKind = "upload" | "approve" | "confirm" | "promote" | "clean";

export const nothingDone: Progress = {
  surveyed: false,
  snapshot: null,
  uploaded: new Set(),
  approved: new Set(),
  awaiting: null,
  confirmed: new Set(),
  promoted: new Set(),
  cleaned: new Set(),
  gitTagged: false,
  finished: false,
  failed: new Map(),
};

const doneBy = {
  upload: "uploaded",
  approve: "approved",
  confirm: "confirmed",
  promote: "promoted",
  clean: "cleaned",
} as const;

export function progressOf(records: readonly LedgerRecord[]): Progress {
  return records.reduce(afterRecord, nothingDone);
}

/** Records of other types (plan, intent) say nothing about what is done. */
export function afterRecord(progress: Progress, record: Pick<LedgerRecord, "type" | "payload">): Progress {
  const payload = isRecord(record.payload) ? record.payload : {};
  switch (record.type) {
    case "run-started":
      return { ...progress, surveyed: false, awaiting: null, failed: new Map() };
    case "surveyed": {
      const snapshot = payload["snapshot"] as Progress["snapshot"];
      return { ...progress, surveyed: true, snapshot: progress.snapshot ?? snapshot };
    }
    case "outcome":
      return afterOutcome(progress, payload);
    case "awaiting": {
      const names = payload["packages"];
      return { ...progress, awaiting: new Set(Array.isArray(names) ? names.map(String) : []) };
    }
    case "git-tagged":
      return { ...progress, gitTagged: true };
    case "finished":
      return { ...progress, finished: true };
    default:
      return progress;
  }
}

function afterOutcome(progress: Progress, payload: Record<string, unknown>): Progress {
  const { step, outcome, message, served, twin, hint, refused } = payload;
  const name = String(payload["package"]);
  if (outcome === "done" || outcome === "already-ours") {
    const field = doneBy[step as StepKind];
    return { ...progress, [field]: new Set([...progress[field], name]) };
  }
  // A version that did not show itself is looked for by the next run, and sent again when it is really not there.
  const uploaded = new Set([...progress.uploaded].filter((each) => step !== "confirm" || each !== name));
  const failure = {
    outcome: outcome as Failure["outcome"],
    message: String(message),
    ...(typeof served === "string" ? { served } : {}),
    ...(twin === true ? { twin } : {}),
    ...(typeof hint === "string" ? { hint } : {}),
    ...(refused === true ? { refused } : {}),
  };
  return { ...progress, uploaded, failed: new Map([...progress.failed, [name, failure]]) };
}
