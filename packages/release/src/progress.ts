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

const doneBy = {
  upload: "uploaded",
  approve: "approved",
  confirm: "confirmed",
  promote: "promoted",
  clean: "cleaned",
} as const;

export interface ProgressFold {
  /** As of the last record; changes with the next. */
  readonly now: Progress;
  /** Records of other types (plan, intent) say nothing about what is done. */
  add(record: Pick<LedgerRecord, "type" | "payload">): void;
}

export function progressOf(records: readonly LedgerRecord[]): Progress {
  return foldProgress(records).now;
}

/** A batch has thousands of records: each is added to what is known, and nothing is copied. */
export function foldProgress(records: readonly LedgerRecord[]): ProgressFold {
  const now: Mutable = {
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
  for (const record of records) addRecord(now, record);
  return { now, add: (record) => addRecord(now, record) };
}

type DoneField = (typeof doneBy)[StepKind];

type Mutable = { -readonly [Key in Exclude<keyof Progress, DoneField | "failed">]: Progress[Key] } & {
  readonly [Key in DoneField]: Set<PackageName>;
} & { readonly failed: Map<PackageName, Failure> };

function addRecord(now: Mutable, record: Pick<LedgerRecord, "type" | "payload">): void {
  const payload = isRecord(record.payload) ? record.payload : {};
  switch (record.type) {
    case "run-started":
      now.surveyed = false;
      now.awaiting = null;
      now.failed.clear();
      break;
    case "surveyed":
      now.surveyed = true;
      now.snapshot ??= payload["snapshot"] as Progress["snapshot"];
      break;
    case "outcome":
      addOutcome(now, payload);
      break;
    case "awaiting": {
      const names = payload["packages"];
      now.awaiting = new Set(Array.isArray(names) ? names.map(String) : []);
      break;
    }
    case "git-tagged":
      now.gitTagged = true;
      break;
    case "finished":
      now.finished = true;
      break;
  }
}

function addOutcome(now: Mutable, payload: Record<string, unknown>): void {
  const { step, outcome, message, served, twin, hint, refused } = payload;
  const name = String(payload["package"]);
  if (outcome === "done" || outcome === "already-ours") {
    now[doneBy[step as StepKind]].add(name);
    return;
  }
  // A version that did not show itself is looked for by the next run, and sent again when it is really not there.
  if (step === "confirm") {
    now.uploaded.delete(name);
    now.approved.delete(name);
  }
  now.failed.set(name, {
    outcome: outcome as Failure["outcome"],
    message: String(message),
    ...(typeof served === "string" ? { served } : {}),
    ...(twin === true ? { twin } : {}),
    ...(typeof hint === "string" ? { hint } : {}),
    ...(refused === true ? { refused } : {}),
  });
}
