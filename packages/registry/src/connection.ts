import { gunzipSync } from "node:zlib";
import { UserError, isRecord, type PackageName } from "@slipway/kernel";
import { answerOf, answerOfFailure, isPage, messageOf, retryAfter, type WriteAnswer } from "./answer.ts";
import {
  HttpFailure,
  networkTransport,
  type HttpRequest,
  type HttpResponse,
  type Transport,
} from "./http.ts";
import type { RegistryAuth, RegistryTarget } from "./npm-settings.ts";

export interface ClientOptions {
  readonly transport?: Transport;
  /** Attempts at reading, the first one counted. */
  readonly readAttempts?: number;
  readonly idleTimeoutMs?: number;
  readonly totalTimeoutMs?: number;
  readonly wait?: (ms: number) => Promise<void>;
  readonly now?: () => number;
  /** From 0 to 1, for the spread of waits. */
  readonly random?: () => number;
  /**
   * Asked when the registry wants a one-time password; the one that it has just refused is named. Null gives up.
   * A password is kept for the writes that follow: registries take it for some seconds.
   */
  readonly otp?: (refused: string | null) => Promise<string | null>;
  /**
   * The credential for bringing one package's bytes, where that differs from the registry's (trusted publishing): null
   * takes the registry's. One that was refused is named, so that a token that ran out is replaced.
   */
  readonly uploadAuth?: (name: PackageName, refused?: RegistryAuth) => Promise<RegistryAuth | null>;
}

export interface WriteRequest {
  readonly method: "PUT" | "POST" | "DELETE";
  readonly path: string;
  /** The package that is written to. */
  readonly name: PackageName;
  /** `upload`: what trusted publishing may do, too. */
  readonly power: "upload" | "change";
  readonly value?: unknown;
}

interface Written {
  readonly answer: WriteAnswer;
  /** There when the answer is `accepted`. */
  readonly body: Uint8Array | null;
  /** Null: no answer came. */
  readonly status: number | null;
}

interface ClientRequest {
  readonly method: HttpRequest["method"];
  /** Relative to the registry's URL, or absolute. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth: RegistryAuth | null;
  /** Sent as JSON. */
  readonly value?: unknown;
}

/** Of one-time passwords for one write: a person mistypes. */
const passwordsMax = 3;

const redirections: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const untrusted = "name the authority that signed it: cafile=FILE in .npmrc, or NODE_EXTRA_CA_CERTS";

/** Requests to one registry, with its credentials on its own origin alone. */
export class Connection {
  readonly url: string;
  private readonly target: RegistryTarget;
  private readonly options: ClientOptions;
  private readonly transport: Transport;
  private password: string | null = null;
  private asking: Promise<string | null> | null = null;

  constructor(target: RegistryTarget, options: ClientOptions) {
    this.url = target.url.endsWith("/") ? target.url : `${target.url}/`;
    this.target = target;
    this.options = options;
    this.transport = options.transport ?? networkTransport(target);
  }

  /** Null is a 404. Throws UserError when the registry cannot be read. */
  async read(path: string, accept: string, auth = this.target.auth): Promise<HttpResponse | null> {
    const attempts = this.options.readAttempts ?? 4;
    let fault = "";
    for (let attempt = 1; attempt <= attempts; attempt++) {
      let waitMs: number | null = null;
      try {
        const response = await this.send({
          method: "GET",
          path,
          headers: { accept },
          auth,
        });
        if (response.status === 200 && !isPage(response)) return response;
        if (response.status === 404) return null;
        if (response.status === 401 || response.status === 403)
          throw this.unauthorized(withoutSecret(messageOf(response), secretOf(auth)));
        fault = `answered ${withoutSecret(messageOf(response), secretOf(auth))}`;
        waitMs = retryAfter(response, this.now());
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        fault = error.message;
      }
      if (attempt < attempts) await this.wait(waitMs ?? 250 * 4 ** (attempt - 1) * (0.5 + this.random()));
    }
    throw this.unreachable(`${fault}${this.elsewhere(path)}`);
  }

  /** A registry behind a proxy that does not know how it is called names tarballs where nobody answers. */
  private elsewhere(path: string): string {
    const { origin } = new URL(path, this.url);
    return origin === new URL(this.url).origin ? "" : ` (at ${origin}, where it says that this is)`;
  }

  /** One attempt; another one with a new credential or a one-time password, when that is all that was missing. */
  async write(request: WriteRequest): Promise<Written> {
    let auth = await this.authFor(request);
    let sent = this.password;
    let written = await this.attempt(request, auth, sent);
    if (isRefusedCredential(written.answer)) {
      const renewed = auth && (await this.authFor(request, auth));
      if (renewed && renewed !== auth) {
        auth = renewed;
        written = await this.attempt(request, auth, sent);
      }
    }
    for (let asked = 0; asked < passwordsMax && wantsPassword(written.answer); asked++) {
      const next = await this.nextPassword(sent);
      if (next === null) break;
      sent = next;
      written = await this.attempt(request, auth, sent);
    }
    return written;
  }

  private async authFor({ power, name }: WriteRequest, refused?: RegistryAuth): Promise<RegistryAuth | null> {
    const own = power === "upload" ? await this.options.uploadAuth?.(name, refused) : null;
    return own ?? this.target.auth;
  }

  /** Writes that go on at once share one question. */
  private nextPassword(refused: string | null): Promise<string | null> {
    if (this.password !== refused) return Promise.resolve(this.password);
    this.asking ??= (this.options.otp?.(refused) ?? Promise.resolve(null))
      .then((answer) => (this.password = answer))
      .finally(() => (this.asking = null));
    return this.asking;
  }

  private async attempt(
    request: WriteRequest,
    auth: RegistryAuth | null,
    otp: string | null,
  ): Promise<Written> {
    try {
      const headers = otp === null ? {} : { "npm-otp": otp };
      const response = await this.send({ ...request, headers, auth });
      const answer = withoutSecrets(answerOf(response, this.now()), [secretOf(auth), otp]);
      const body = answer.outcome === "accepted" ? response.body : null;
      return { answer, body, status: response.status };
    } catch (error) {
      if (error instanceof HttpFailure) return { answer: answerOfFailure(error), body: null, status: null };
      throw error;
    }
  }

  /** What reads of one package's staged versions are signed with, where the registry has no credential of its own. */
  async readAuth(name: PackageName | undefined): Promise<RegistryAuth | null> {
    if (this.target.auth || name === undefined) return this.target.auth;
    return (await this.options.uploadAuth?.(name)) ?? null;
  }

  unreachable(fault: string): UserError {
    return new UserError("registry/unreachable", `the registry ${this.url} ${said(fault)}`, {
      hint: /\bcertificate\b/.test(fault)
        ? untrusted
        : "run the same command again when it answers; nothing is lost in between",
    });
  }

  private unauthorized(fault: string): UserError {
    return new UserError("registry/unauthorized", `the registry ${this.url} refuses to be read: ${fault}`, {
      hint: "give .npmrc a token that may read it",
    });
  }

  private async send(request: ClientRequest): Promise<HttpResponse> {
    const { method, value } = request;
    let url = new URL(request.path, this.url);
    for (let redirects = 0; ; redirects++) {
      let response = await this.transport({
        method,
        url: url.href,
        headers: this.headers(url, request),
        ...(value === undefined ? {} : { body: JSON.stringify(value) }),
        idleTimeoutMs: this.options.idleTimeoutMs ?? this.target.silenceMsMax ?? 60_000,
        totalTimeoutMs: this.options.totalTimeoutMs ?? 300_000,
      });
      if (response.headers["content-encoding"] === "gzip")
        response = { ...response, body: unzipped(response.body) };
      const location = response.headers["location"];
      // Only reading follows a redirect; the token stays with its own origin.
      if (method !== "GET" || !redirections.has(response.status) || typeof location !== "string")
        return response;
      if (redirects === 5) throw new HttpFailure("redirects in a circle", "perhaps");
      url = new URL(location, url);
    }
  }

  private headers(url: URL, request: ClientRequest): Record<string, string> {
    return {
      "user-agent": "slipway",
      "cache-control": "no-cache",
      // Zipping a packument of megabytes pays on a network, not on this machine.
      ...(request.method === "GET" && !isLoopback(url) ? { "accept-encoding": "gzip" } : {}),
      ...(request.value === undefined ? {} : { "content-type": "application/json" }),
      ...request.headers,
      ...(url.origin === new URL(this.url).origin ? authorization(request.auth) : {}),
    };
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private random(): number {
    return (this.options.random ?? Math.random)();
  }

  private wait(ms: number): Promise<void> {
    return this.options.wait ? this.options.wait(ms) : new Promise((resolve) => setTimeout(resolve, ms));
  }
}

/** Registries repeat what they were sent; what they say is printed and kept. */
function withoutSecrets(answer: WriteAnswer, secrets: readonly (string | null)[]): WriteAnswer {
  if (!("message" in answer)) return answer;
  return { ...answer, message: secrets.reduce(withoutSecret, answer.message) };
}

function withoutSecret(text: string, secret: string | null): string {
  return secret ? text.replaceAll(secret, "***") : text;
}

function secretOf(auth: RegistryAuth | null): string | null {
  if (!auth) return null;
  return auth.kind === "bearer" ? auth.token : auth.credentials;
}

function isRefusedCredential(answer: WriteAnswer): boolean {
  return answer.outcome === "permanent" && answer.cause === "auth" && !answer.otp;
}

function wantsPassword(answer: WriteAnswer): boolean {
  return answer.outcome === "permanent" && answer.otp === true;
}

function unzipped(body: Uint8Array): Uint8Array {
  try {
    return gunzipSync(body);
  } catch (error) {
    throw new HttpFailure("the answer is damaged", "perhaps", error);
  }
}

function isLoopback(url: URL): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}

function authorization(auth: RegistryTarget["auth"]): Record<string, string> {
  if (!auth) return {};
  return { authorization: auth.kind === "bearer" ? `Bearer ${auth.token}` : `Basic ${auth.credentials}` };
}

/** `@scope%2fname`: the slash of a scope is escaped, its `@` is not. */
export function escaped(name: PackageName): string {
  return name.replace("/", "%2f");
}

export function parsedRecord(response: Pick<HttpResponse, "body">): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(response.body).toString("utf8"));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function said(fault: string): string {
  return fault.startsWith("answered") ? fault : `does not answer: ${fault}`;
}
