import { UserError } from "@slipway/kernel";
import type { ForgeTarget, ForgeTransport } from "./types.ts";

export interface ForgeRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT";
  /** Below the API's URL, with its slash. */
  readonly path: string;
  readonly body?: unknown;
  /** Statuses below 500 that are an answer and no fault. */
  readonly expected?: readonly number[];
}

export interface ForgeAnswer {
  readonly status: number;
  readonly value: unknown;
}

export interface ClientOptions {
  readonly transport?: ForgeTransport;
  readonly wait?: (ms: number) => Promise<void>;
}

const TIMEOUT_MS = 60_000;
const ATTEMPTS_MAX = 4;
/** GitHub's secondary limits ask for a minute; absurd values are not obeyed. */
const WAIT_MS_MAX = 120_000;

/** Sends requests to a forge with its token, again where the forge asks for patience. Everything asked of it can be repeated. */
export function forgeClient(target: ForgeTarget, options: ClientOptions = {}) {
  const transport = options.transport ?? fetch;
  const wait = options.wait ?? ((ms) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  return async (request: ForgeRequest): Promise<ForgeAnswer> => {
    let fault = "";
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      let waitMs = 500 * 4 ** (attempt - 1);
      try {
        const response = await transport(made(target, request));
        const text = await response.text();
        const { status } = response;
        if (status < 300 || request.expected?.includes(status)) return { status, value: parsed(text) };
        fault = `answered ${status} ${wordsOf(text)}`.trim();
        const after = patience(response, text);
        if (status < 500 && after === null) throw refused(target, request, { status, fault });
        waitMs = after ?? waitMs;
      } catch (error) {
        if (error instanceof UserError) throw error;
        fault = `does not answer: ${error instanceof Error ? reasonOf(error) : String(error)}`;
      }
      if (attempt < ATTEMPTS_MAX) await wait(Math.min(waitMs, WAIT_MS_MAX));
    }
    const hint = "run the same command again: what was done already is found and kept";
    throw new UserError("forge/unreachable", `${target.apiUrl} ${fault}`, { hint });
  };
}

function made(target: ForgeTarget, { method, path, body }: ForgeRequest): Request {
  const { kind, apiUrl } = target;
  const headers: Record<string, string> = {
    "user-agent": "slipway",
    accept: kind === "github" ? "application/vnd.github+json" : "application/json",
    ...(kind === "github" ? { "x-github-api-version": "2022-11-28" } : {}),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...credentials(target),
  };
  return new Request(`${apiUrl}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    // A token must not follow to wherever an answer points.
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

function credentials({ kind, token, isJobToken }: ForgeTarget): Record<string, string> {
  if (token === null) return {};
  if (kind === "github") return { authorization: `Bearer ${token}` };
  return isJobToken === true ? { "job-token": token } : { "private-token": token };
}

/** Milliseconds that the forge asks to wait; null when it does not ask. */
function patience(response: Response, text: string): number | null {
  const { status, headers } = response;
  if (status !== 403 && status !== 429) return null;
  const said = headers.get("retry-after") ?? "";
  const seconds = /^\d+$/.test(said) ? Number(said) : (Date.parse(said) - Date.now()) / 1000;
  if (Number.isFinite(seconds)) return Math.max(seconds, 0) * 1000;
  const isUsedUp = headers.get("x-ratelimit-remaining") === "0" || /secondary rate limit/i.test(text);
  return status === 429 || isUsedUp ? WAIT_MS_MAX / 2 : null;
}

function refused(
  { kind, apiUrl, token }: ForgeTarget,
  { method, path }: ForgeRequest,
  { status, fault }: { readonly status: number; readonly fault: string },
): UserError {
  const isRelease = /\/releases\b/.test(path);
  const rights =
    kind === "github"
      ? isRelease
        ? "the workflow's job needs `permissions: contents: write`"
        : "the workflow's job needs `permissions: contents: write, pull-requests: write`, and the repository's settings must let Actions create pull requests"
      : "GITLAB_TOKEN must be a project access token with the scope `api` and the role Developer or more";
  const isAboutRights = status === 401 || status === 403 || status === 404;
  if (isAboutRights && token === null) return needsToken(kind);
  return new UserError(
    "forge/refused",
    `${method} ${apiUrl}${path} ${fault}`,
    isAboutRights ? { hint: rights } : {},
  );
}

export function needsToken(kind: ForgeTarget["kind"]): UserError {
  const name = kind === "github" ? "GITHUB_TOKEN" : "GITLAB_TOKEN";
  return new UserError("forge/needs-token", `${name} is not set, so nothing can be written there`, {
    hint: `give the step ${name} in its environment`,
  });
}

function parsed(text: string): unknown {
  try {
    return text === "" ? null : (JSON.parse(text) as unknown);
  } catch {
    throw new Error("it gave something else than JSON");
  }
}

/** The forge's own words, on one line. */
function wordsOf(text: string): string {
  let words = text;
  try {
    const value = JSON.parse(text) as { message?: unknown; error?: unknown; errors?: unknown };
    const said = [value.message ?? value.error, value.errors].filter((each) => each !== undefined);
    words = said.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(": ");
  } catch {
    words = text.startsWith("<") ? "with a page" : text;
  }
  return words.replaceAll(/\s+/g, " ").slice(0, 300);
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
