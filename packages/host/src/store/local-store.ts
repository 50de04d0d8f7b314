import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import picomatch from "picomatch";
import { splitGlob, type Globs } from "../tree/walk.ts";
import { refusal } from "../refusal.ts";
import { BlobStore, readOrNull, setAside, writeAtomically } from "./blob-store.ts";
import { putOutputs, type PutOutputs, type ReadyOutput } from "./put-outputs.ts";
import {
  decodeEntry,
  encodeEntry,
  type EntryLog,
  type EntryOutput,
  type ResultEntry,
} from "./result-entry.ts";
import { markUsed } from "./mark-used.ts";
import { takeOutputs, wholeFileBytesMax } from "./take-outputs.ts";

export interface LocalStoreOptions {
  /** Absolute directory of the store, shared by all work trees of a user. */
  readonly dir: string;
  /** Absolute root of the work tree that outputs are taken from and written to. */
  readonly root: string;
  /** Absolute directory on the work tree's file system for what is verified before it goes there. */
  readonly stagingDir: string;
  /** What is damaged is told and stays where it is: for somebody else to find. */
  readonly leavesFaults?: boolean;
}

export interface StoreRequest {
  readonly paths: readonly string[];
  readonly log: EntryLog;
  readonly durationMs: number;
  readonly owned: (path: string) => boolean;
  readonly keep: boolean;
}

export type LocalAnswer =
  | {
      readonly kind: "hit";
      readonly result: Omit<ResultEntry, "inline">;
      readonly from: "store";
      /** @param isOwn what belongs to the task although something stood there before */
      restore(isOwn: (path: string) => boolean): RestoredOutputs;
    }
  | { readonly kind: "none" }
  | { readonly kind: "damaged"; readonly message: string };

export type Owned = EntryOutput & { readonly stamp: string; readonly owned: boolean };

export type RestoredOutputs =
  | { readonly ok: true; readonly outputs: readonly Owned[] }
  | { readonly ok: false; readonly message: string };

export interface StoredOutputs {
  readonly outputs: readonly Owned[];
  readonly problem: {
    readonly code: "cache/disk-full" | "cache/not-stored";
    readonly message: string;
  } | null;
}

/** Results of tasks on this machine: an entry a fingerprint, and content-addressed files for what is large. */
export class LocalStore {
  readonly #options: LocalStoreOptions;
  readonly #blobs: BlobStore;

  constructor(options: LocalStoreOptions) {
    this.#options = options;
    this.#blobs = new BlobStore(options.dir);
  }

  async lookup(
    fingerprint: string,
    spec: { readonly include: readonly string[]; readonly exclude: readonly string[] },
  ): Promise<LocalAnswer> {
    const path = this.entryPath(fingerprint);
    const bytes = readOrNull(path);
    if (!bytes) return { kind: "none" };
    const entry = decodeEntry(fingerprint, bytes);
    const problem = entry ? foreignOutput(entry.outputs, spec) : "its entry in the cache was damaged";
    if (!entry || problem) {
      if (!this.#options.leavesFaults) setAside(this.#options.dir, path);
      return { kind: "damaged", message: `${problem}; it was set aside and the task runs` };
    }
    const ready = await this.#ready(entry);
    if (!Array.isArray(ready)) return ready;
    markUsed(path, Date.now());
    const { outputs, log, durationMs } = entry;
    return {
      kind: "hit",
      result: { outputs, log, durationMs },
      from: "store",
      restore: (isOwn) => withOwner(putOutputs(this.#options.root, ready), isOwn),
    };
  }

  async store(fingerprint: string, request: StoreRequest): Promise<StoredOutputs> {
    const { paths, log, durationMs, keep } = request;
    const taken = await takeOutputs(this.#options.root, paths, keep ? this.#blobs : null);
    const outputs = taken.outputs.map((output) => ({ ...output, owned: request.owned(output.path) }));
    if (!keep) return { outputs, problem: null };
    if (taken.fault) return { outputs, problem: problemOf(taken.fault) };
    const plain = taken.outputs.map((output) => withoutStamp(output));
    const bytes = encodeEntry(fingerprint, { outputs: plain, log, durationMs, inline: taken.inline });
    try {
      this.writeEntry(fingerprint, bytes);
    } catch (error) {
      return { outputs, problem: problemOf(error as NodeJS.ErrnoException) };
    }
    return { outputs, problem: null };
  }

  /** @throws what the file system throws */
  writeEntry(fingerprint: string, bytes: Uint8Array): void {
    const path = this.entryPath(fingerprint);
    writeAtomically(path, (temporary) => writeFileSync(temporary, bytes, { mode: 0o444 }));
  }

  entryPath(fingerprint: string): string {
    return `${this.#options.dir}/ac/${fingerprint.slice(0, 2)}/${fingerprint}`;
  }

  /** Every file's bytes, verified, before anything is written. */
  async #ready(entry: ResultEntry): Promise<ReadyOutput[] | Exclude<LocalAnswer, { kind: "hit" }>> {
    const ready: ReadyOutput[] = [];
    for (const output of entry.outputs) {
      const bytes = output.kind === "link" ? null : await this.#bytesOf(output, entry);
      // Pruned: nobody has used it for long.
      if (bytes === "none") return { kind: "none" };
      if (bytes === "damaged") {
        if (!this.#options.leavesFaults) this.#blobs.setAside(output.digest);
        return {
          kind: "damaged",
          message: `${output.path} was damaged in the cache and is set aside; the task runs`,
        };
      }
      ready.push({ output, bytes });
    }
    return ready;
  }

  async #bytesOf(
    output: EntryOutput,
    { inline }: ResultEntry,
  ): Promise<ReadyOutput["bytes"] | "none" | "damaged"> {
    const inEntry = inline.get(output.digest);
    if (inEntry) return inEntry;
    markUsed(this.#blobs.path(output.digest), Date.now());
    if (output.sizeBytes <= wholeFileBytesMax) return this.#blobs.read(output.digest) ?? "none";
    const stagedAt = `${this.#options.stagingDir}/${randomUUID()}`;
    const staged = await this.#blobs.stage(output.digest, stagedAt);
    if (staged === "ok") return { stagedAt };
    rmSync(stagedAt, { force: true });
    return staged;
  }
}

/** A sentence when an entry names what the task does not declare: it was made for something else, or by a foe. */
function foreignOutput(outputs: readonly EntryOutput[], { include, exclude }: Globs): string | null {
  if (outputs.length === 0) return null;
  const isIn = anyOf(include);
  const isOut = anyOf(exclude);
  const foreign = outputs.find(({ path }) => !isPlain(path) || !isIn(path) || isOut(path));
  return foreign
    ? `its entry in the cache names ${JSON.stringify(foreign.path)}, which is not among its outputs`
    : null;
}

/** A directory stands for all that is in it. */
function anyOf(globs: readonly string[]): (path: string) => boolean {
  const tests = globs.map((glob): ((path: string) => boolean) => {
    const { base, rest } = splitGlob(glob);
    if (rest !== "" && rest !== "**") return picomatch(glob, { dot: true });
    const prefix = base === "" ? "" : `${base}/`;
    return (path) => path === base || path.startsWith(prefix);
  });
  return (path) => tests.some((test) => test(path));
}

function isPlain(path: string): boolean {
  return !/(?:^|\/)\.{0,2}(?:\/|$)|\0/.test(path);
}

/** What a restore makes belongs to the task: the next one may remove it again. */
function withOwner(put: PutOutputs, isOwn: (path: string) => boolean): RestoredOutputs {
  if (!put.ok) return put;
  return {
    ok: true,
    outputs: put.outputs.map(({ made, ...rest }) => ({ ...rest, owned: made || isOwn(rest.path) })),
  };
}

function withoutStamp(output: EntryOutput): EntryOutput {
  const { path, kind, digest, sizeBytes, executable, target } = output;
  return { path, kind, digest, sizeBytes, executable, ...(target === undefined ? {} : { target }) };
}

function problemOf({ code, message, path }: NodeJS.ErrnoException): NonNullable<StoredOutputs["problem"]> {
  if (code === "ENOSPC" || code === "EDQUOT") {
    return { code: "cache/disk-full", message: "the disk is full: the result is not stored" };
  }
  return {
    code: "cache/not-stored",
    message: `the result could not be stored: ${refusal({ code, message, path })}`,
  };
}
