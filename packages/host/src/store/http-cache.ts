import { hash } from "node:crypto";

export interface HttpCacheOptions {
  /** Without a trailing slash; `/ac/…` and `/cas/…` stand below it, as bazel-remote and any WebDAV server have them. */
  readonly url: string;
  /** For `Authorization`; null sends none. */
  readonly authorization: string | null;
  readonly timeoutMs: number;
}

/** More than this is not asked for from a server that is not ours. */
const bodyBytesMax = 512 * 1024 * 1024;

/**
 * A shared cache behind plain HTTP: GET and PUT, nothing else. The first fault, whatever it is, is told once, and then
 * the server is not asked any more: a cache that is down must not make a run slow.
 */
export class HttpCache {
  readonly #options: HttpCacheOptions;
  readonly #onFault: (message: string) => void;
  #down = false;

  constructor(options: HttpCacheOptions, onFault: (message: string) => void) {
    this.#options = options;
    this.#onFault = onFault;
  }

  /** Null when it is not there or the server cannot be used. The caller verifies an entry by its own seal. */
  async entry(fingerprint: string): Promise<Buffer | null> {
    return this.#get(`ac/${fingerprint}`);
  }

  /** The bytes of a blob; null also when they are not what was asked for. */
  async blob(digest: string): Promise<Buffer | null> {
    const bytes = await this.#get(`cas/${digest}`);
    if (!bytes) return null;
    if (hash("sha256", bytes, "hex") === digest) return bytes;
    this.#onFault(
      `the shared cache at ${this.#options.url} gave other bytes than ${digest}; they are not used`,
    );
    return null;
  }

  async putEntry(fingerprint: string, bytes: Uint8Array): Promise<boolean> {
    return this.#put(`ac/${fingerprint}`, bytes);
  }

  async putBlob(digest: string, bytes: Uint8Array): Promise<boolean> {
    return this.#put(`cas/${digest}`, bytes);
  }

  async #get(path: string): Promise<Buffer | null> {
    const response = await this.#ask(path, { method: "GET" });
    if (!response) return null;
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) return this.#fault(`answered ${response.status}`);
    if (Number(response.headers.get("content-length") ?? 0) > bodyBytesMax) return null;
    try {
      return Buffer.from(await response.arrayBuffer());
    } catch (error) {
      return this.#fault((error as Error).message);
    }
  }

  async #put(path: string, bytes: Uint8Array): Promise<boolean> {
    const response = await this.#ask(path, { method: "PUT", body: new Uint8Array(bytes) });
    if (!response) return false;
    await response.body?.cancel();
    if (!response.ok) this.#fault(`answered ${response.status} when something was to be stored`);
    return response.ok;
  }

  async #ask(path: string, request: RequestInit): Promise<Response | null> {
    if (this.#down) return null;
    const { url, authorization, timeoutMs } = this.#options;
    const headers = authorization === null ? {} : { authorization };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      // A redirect could lead the credential to somebody else.
      return await fetch(`${url}/${path}`, { ...request, headers, signal, redirect: "error" });
    } catch (error) {
      const { message, cause } = error as Error;
      return this.#fault(cause instanceof Error ? cause.message : message);
    }
  }

  #fault(what: string): null {
    if (!this.#down)
      this.#onFault(`the shared cache at ${this.#options.url} is not used any more in this run: ${what}`);
    this.#down = true;
    return null;
  }
}
