import { createHash } from "node:crypto";
import { createWriteStream, openAsBlob } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface HttpCacheOptions {
  /** Without a trailing slash; `/ac/…` and `/cas/…` stand below it, as bazel-remote and any WebDAV server have them. */
  readonly url: string;
  /** For `Authorization`; null sends none. */
  readonly authorization: string | null;
  /** How long the server may say nothing, at the beginning as in between. */
  readonly silenceMsMax: number;
  /** Aborted when nobody waits for an answer any more: what is under way ends, and nothing is told. */
  readonly signal?: AbortSignal;
}

/** More than this is not asked for from a server that is not ours. */
const entryBytesMax = 64 * 1024 * 1024;
const blobBytesMax = 4 * 1024 * 1024 * 1024;
/** A server that takes or gives less a second is too slow to wait for. */
const bytesPerSecondMin = 100_000;

/**
 * A shared cache behind plain HTTP: GET and PUT, nothing else. The first fault is told, and then the server is not asked
 * any more for what it failed at: a cache that is down, or slow, must not make a run slow.
 */
export class HttpCache {
  readonly #options: HttpCacheOptions;
  readonly #onFault: (message: string) => void;
  #canRead = true;
  #canWrite = true;
  #told = false;

  constructor(options: HttpCacheOptions, onFault: (message: string) => void) {
    this.#options = options;
    this.#onFault = onFault;
  }

  /** Null when it is not there or the server cannot be used. The caller verifies an entry by its own seal. */
  async entry(fingerprint: string): Promise<Buffer | null> {
    return this.#get(`ac/${fingerprint}`, async (body) => {
      const pieces: Uint8Array[] = [];
      let sizeBytes = 0;
      for await (const piece of body) {
        sizeBytes += piece.length;
        if (sizeBytes > entryBytesMax) throw new Error(`ac/${fingerprint} is too large`);
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    });
  }

  /**
   * Writes a blob to a file of the caller's, hashed on its way.
   *
   * @returns false when it is not there, cannot be had, or is not what was asked for
   */
  async fetchBlob(digest: string, to: string): Promise<boolean> {
    const written = await this.#get(`cas/${digest}`, async (body) => {
      const hash = createHash("sha256");
      const measured = new Transform({
        transform(piece: Buffer, _, done) {
          hash.update(piece);
          sizeBytes += piece.length;
          done(sizeBytes > blobBytesMax ? new Error(`cas/${digest} is too large`) : null, piece);
        },
      });
      let sizeBytes = 0;
      await pipeline(Readable.from(body), measured, createWriteStream(to, { mode: 0o444 }));
      return hash.digest("hex");
    });
    if (written === null) return false;
    if (written === digest) return true;
    this.#canRead = false;
    this.#tell(
      `gave other bytes than ${digest}; they are not used, and nothing more is read from it in this run`,
    );
    return false;
  }

  /** Nothing that it gives is what was asked for: some proxies answer with a page of their own, always. */
  distrust(): void {
    this.#failed("read", "gave several entries that are damaged or no results at all");
  }

  async putEntry(fingerprint: string, bytes: Uint8Array): Promise<boolean> {
    return this.#put(`ac/${fingerprint}`, new Blob([new Uint8Array(bytes)]));
  }

  /** @param from a file that nobody changes meanwhile */
  async putBlob(digest: string, from: string): Promise<boolean> {
    return this.#canWrite && this.#put(`cas/${digest}`, await openAsBlob(from));
  }

  async #get<T>(path: string, take: (body: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T | null> {
    if (!this.#canRead) return null;
    const silence = new Silence(this.#options);
    try {
      const response = await this.#ask(path, { method: "GET", signal: silence.signal });
      if (response.ok) return await take(silence.watched(response.body ?? new Blob([]).stream()));
      await response.body?.cancel();
      if (response.status !== 404) this.#failed("read", `answered ${response.status} to GET ${path}`);
    } catch (error) {
      this.#failed("both", silence.complaint ?? reasonOf(error));
    } finally {
      silence.end();
    }
    return null;
  }

  async #put(path: string, body: Blob): Promise<boolean> {
    if (!this.#canWrite) return false;
    const silence = new Silence(this.#options, body.size);
    try {
      const response = await this.#ask(path, { method: "PUT", body, signal: silence.signal });
      await response.body?.cancel();
      if (response.ok) return true;
      // Too large for this server: others may fit.
      if (response.status === 413) this.#tell(`takes nothing as large as ${path} (${body.size} bytes)`);
      else this.#failed("write", `answered ${response.status} to PUT ${path}`);
    } catch (error) {
      this.#failed("both", silence.complaint ?? reasonOf(error));
    } finally {
      silence.end();
    }
    return false;
  }

  async #ask(path: string, request: RequestInit): Promise<Response> {
    const { url, authorization } = this.#options;
    const headers = authorization === null ? {} : { authorization };
    // A redirect could lead the credential to somebody else.
    return fetch(`${url}/${path}`, { ...request, headers, redirect: "error" });
  }

  #failed(at: "read" | "write" | "both", what: string): void {
    if (at !== "write") this.#canRead = false;
    if (at !== "read") this.#canWrite = false;
    const consequence = {
      read: "nothing is read from it",
      write: "nothing is stored there",
      both: "it is not used",
    };
    this.#tell(`${what}; ${consequence[at]} any more in this run`);
  }

  #tell(what: string): void {
    if (!this.#told && !this.#options.signal?.aborted)
      this.#onFault(`the shared cache at ${this.#options.url} ${what}`);
    this.#told = true;
  }
}

/** Breaks a request off when nothing came for a while, or too little. */
class Silence {
  readonly signal: AbortSignal;
  readonly #msMax: number;
  readonly #startedMs = performance.now();
  readonly #controller = new AbortController();
  #bytes = 0;
  #wasSlow = false;
  #timer: NodeJS.Timeout;

  /** @param sentBytes what goes there before anything can come */
  constructor({ silenceMsMax, signal }: HttpCacheOptions, sentBytes = 0) {
    this.#msMax = silenceMsMax + msFor(sentBytes);
    this.signal = signal ? AbortSignal.any([this.#controller.signal, signal]) : this.#controller.signal;
    this.#timer = this.#start();
  }

  /** What the server did wrong; null when this did not break it off. */
  get complaint(): string | null {
    if (!this.#controller.signal.aborted) return null;
    return this.#wasSlow
      ? `gave less than ${bytesPerSecondMin / 1000} kB a second`
      : `said nothing for ${(this.#msMax / 1000).toFixed(1)} s`;
  }

  async *watched(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      this.end();
      this.#bytes += piece.length;
      this.#wasSlow = this.#isSlow();
      if (this.#wasSlow) this.#controller.abort();
      this.#timer = this.#start();
      yield piece;
    }
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #isSlow(): boolean {
    const tookMs = performance.now() - this.#startedMs;
    return tookMs > this.#msMax + msFor(this.#bytes);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(), this.#msMax);
  }
}

function msFor(bytes: number): number {
  return (bytes / bytesPerSecondMin) * 1000;
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return `cannot be used: ${cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message}`;
}
