import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { Backlog } from "./backlog.ts";
import { BlobStore, readOrNull } from "./blob-store.ts";
import type { HttpCache } from "./http-cache.ts";
import {
  LocalStore,
  type LocalAnswer,
  type LocalStoreOptions,
  type StoredOutputs,
  type StoreRequest,
} from "./local-store.ts";
import { decodeEntry, type EntryOutput, type ResultEntry } from "./result-entry.ts";
import type { Globs } from "../tree/walk.ts";

export interface StoreAccess {
  readonly read: boolean;
  readonly write: boolean;
}

export interface SharedStoreAccess {
  readonly server: HttpCache;
  readonly remote: StoreAccess;
  readonly local: StoreAccess;
}

type SharedAnswer =
  | (Omit<Extract<LocalAnswer, { kind: "hit" }>, "from"> & { readonly from: "store" | "remote" })
  | Exclude<LocalAnswer, { kind: "hit" }>;

/** A store on disk, and the blobs in it. */
interface Place {
  readonly store: LocalStore;
  readonly blobs: BlobStore;
}

const damagedMessage =
  "its entry in the shared cache was damaged; the task runs, and what it makes is sent there again";

/** One damaged entry says something of itself, as many as this of the server. */
const damagedMax = 3;

/** Requests of one entry that are under way at a time. */
const sideBySide = 8;
/** Entries on their way to the server at a time. */
const sentAtOnce = 4;

/**
 * The local store with a shared one behind it. What comes from there is verified, put into the local store, and then
 * looked up as any local result: nothing takes another way into the work tree. Where the local store must not be
 * written, a passing one beside the work tree takes its place.
 */
export class SharedStore {
  readonly #options: LocalStoreOptions;
  readonly #local: Place;
  readonly #access: SharedStoreAccess;
  readonly #sending = new Backlog(sentAtOnce);
  #damaged = 0;

  constructor(options: LocalStoreOptions, access: SharedStoreAccess) {
    this.#options = options;
    this.#local = placeOf(options);
    this.#access = access;
  }

  async lookup(fingerprint: string, spec: Globs): Promise<SharedAnswer> {
    const { local, remote } = this.#access;
    const here = local.read ? await this.#local.store.lookup(fingerprint, spec) : ({ kind: "none" } as const);
    if (here.kind === "hit" || !remote.read) return here;
    return this.#landing(async (place) => {
      const found = await this.#fetch(fingerprint, place);
      if (found === "damaged") return { kind: "damaged", message: damagedMessage } as const;
      if (found === "none") return here;
      const fetched = await place.store.lookup(fingerprint, spec);
      return fetched.kind === "hit" ? { ...fetched, from: "remote" as const } : fetched;
    });
  }

  async store(fingerprint: string, request: StoreRequest): Promise<StoredOutputs> {
    const { local, remote } = this.#access;
    if (!request.keep || !remote.write) {
      return this.#local.store.store(fingerprint, { ...request, keep: request.keep && local.write });
    }
    return this.#landing(async (place) => {
      const stored = await place.store.store(fingerprint, request);
      if (stored.problem) return stored;
      // What needs the task need not wait for the network; what passes by must be sent before it goes.
      if (place === this.#local) this.#sending.add(() => this.#send(fingerprint, place));
      else await this.#send(fingerprint, place);
      return stored;
    });
  }

  /** When all that was stored is on the server too, as far as it takes it. */
  async sent(): Promise<void> {
    await this.#sending.done();
  }

  /** What is looked up has been read when it is answered, so a passing place may go at once. */
  async #landing<T>(use: (place: Place) => Promise<T>): Promise<T> {
    if (this.#access.local.write) return use(this.#local);
    const dir = `${this.#options.stagingDir}/passing-${randomUUID()}`;
    try {
      return await use(placeOf({ ...this.#options, dir }));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** Blobs first: an entry that is here has all that it names. */
  async #fetch(fingerprint: string, { store, blobs }: Place): Promise<"here" | "none" | "damaged"> {
    const { server } = this.#access;
    const bytes = await server.entry(fingerprint);
    const entry = bytes ? decodeEntry(fingerprint, bytes) : null;
    if (!bytes) return "none";
    if (!entry) {
      if (++this.#damaged === damagedMax) server.distrust();
      return "damaged";
    }
    try {
      const missing = blobsOf(entry).filter(({ digest, sizeBytes }) => !blobs.has(digest, sizeBytes));
      const take = ({ digest }: EntryOutput): Promise<boolean> =>
        blobs.take(digest, (path) => server.fetchBlob(digest, path));
      if (!(await allOf(missing, take))) return "none";
      store.writeEntry(fingerprint, bytes);
      return "here";
    } catch {
      // The local disk is full or read-only: the task runs.
      return "none";
    }
  }

  async #send(fingerprint: string, { store, blobs }: Place): Promise<void> {
    const { server } = this.#access;
    const bytes = readOrNull(store.entryPath(fingerprint));
    const entry = bytes ? decodeEntry(fingerprint, bytes) : null;
    if (!bytes || !entry) return;
    // A blob that was pruned meanwhile, or damaged: the entry stays here.
    const sent = await allOf(blobsOf(entry), async ({ digest }) => {
      if (!(await blobs.isWhole(digest))) return false;
      return server.putBlob(digest, blobs.path(digest));
    });
    if (sent) await server.putEntry(fingerprint, bytes);
  }
}

function placeOf(options: LocalStoreOptions): Place {
  return { store: new LocalStore(options), blobs: new BlobStore(options.dir) };
}

/** Each digest once. */
function blobsOf({ outputs, inline }: ResultEntry): EntryOutput[] {
  const files = outputs.filter(({ kind, digest }) => kind === "file" && !inline.has(digest));
  return [...new Map(files.map((output) => [output.digest, output])).values()];
}

/** True when all of them were done; ends at the first that was not. */
async function allOf<T>(items: readonly T[], act: (item: T) => Promise<boolean>): Promise<boolean> {
  for (let from = 0; from < items.length; from += sideBySide) {
    const done = await Promise.all(items.slice(from, from + sideBySide).map((item) => act(item)));
    if (done.includes(false)) return false;
  }
  return true;
}
