import { BlobStore, readOrNull } from "./blob-store.ts";
import type { HttpCache } from "./http-cache.ts";
import {
  LocalStore,
  type LocalAnswer,
  type LocalStoreOptions,
  type StoredOutputs,
  type StoreRequest,
} from "./local-store.ts";
import { decodeEntry, type ResultEntry } from "./result-entry.ts";
import type { Globs } from "../tree/walk.ts";

export interface SharedStoreAccess {
  readonly remote: HttpCache;
  readonly read: boolean;
  readonly write: boolean;
}

type SharedAnswer =
  | (Omit<Extract<LocalAnswer, { kind: "hit" }>, "from"> & { readonly from: "store" | "remote" })
  | Exclude<LocalAnswer, { kind: "hit" }>;

/**
 * The local store with a shared one behind it. What comes from there is verified, put into the local store, and then
 * looked up as any local result: nothing takes another way into the work tree.
 */
export class SharedStore {
  readonly #local: LocalStore;
  readonly #blobs: BlobStore;
  readonly #access: SharedStoreAccess;

  constructor(options: LocalStoreOptions, access: SharedStoreAccess) {
    this.#local = new LocalStore(options);
    this.#blobs = new BlobStore(options.dir);
    this.#access = access;
  }

  async lookup(fingerprint: string, spec: Globs): Promise<SharedAnswer> {
    const here = await this.#local.lookup(fingerprint, spec);
    if (here.kind === "hit" || !this.#access.read) return here;
    if (!(await this.#fetch(fingerprint))) return here;
    const fetched = await this.#local.lookup(fingerprint, spec);
    return fetched.kind === "hit" ? { ...fetched, from: "remote" } : fetched;
  }

  async store(fingerprint: string, request: StoreRequest): Promise<StoredOutputs> {
    const stored = await this.#local.store(fingerprint, request);
    if (this.#access.write && request.keep && !stored.problem) await this.#send(fingerprint);
    return stored;
  }

  /** Blobs first: an entry that is here has all that it names. */
  async #fetch(fingerprint: string): Promise<boolean> {
    const { remote } = this.#access;
    const bytes = await remote.entry(fingerprint);
    const entry = bytes ? decodeEntry(bytes) : null;
    if (!bytes || !entry) return false;
    try {
      for (const { digest, sizeBytes } of blobsOf(entry)) {
        if (this.#blobs.has(digest, sizeBytes)) continue;
        const blob = await remote.blob(digest);
        if (!blob) return false;
        this.#blobs.put(digest, blob);
      }
      this.#local.writeEntry(fingerprint, bytes);
      return true;
    } catch {
      // The local disk is full or read-only: the task runs.
      return false;
    }
  }

  async #send(fingerprint: string): Promise<void> {
    const { remote } = this.#access;
    const bytes = readOrNull(this.#local.entryPath(fingerprint));
    const entry = bytes ? decodeEntry(bytes) : null;
    if (!bytes || !entry) return;
    for (const { digest } of blobsOf(entry)) {
      const blob = this.#blobs.read(digest);
      if (!(blob instanceof Uint8Array) || !(await remote.putBlob(digest, blob))) return;
    }
    await remote.putEntry(fingerprint, bytes);
  }
}

function blobsOf({ outputs, inline }: ResultEntry): ResultEntry["outputs"] {
  return outputs.filter(({ kind, digest }) => kind === "file" && !inline.has(digest));
}
