import { execFile } from "node:child_process";
import type { ClientRequest } from "node:http";
import { listens } from "./taken-port.ts";

export interface AskedReadiness {
  readonly when: {
    readonly port?: number;
    readonly host?: string;
    readonly url?: string;
    readonly command?: string;
    readonly logMatches?: readonly string[];
    readonly timeoutMs: number;
  };
  readonly env: Readonly<Record<string, string>>;
  readonly logged: Promise<void> | null;
}

export type ReadyAnswer =
  | { readonly kind: "ready" | "late"; readonly because: string }
  | { readonly kind: "given-up" };

const everyMs = 100;
/** One look may not take longer: a server that accepts and never answers is not ready. */
const lookMs = 5_000;

/** A thing to look at: in words for when it holds and for when it does not. */
interface Look {
  readonly holds: string;
  readonly lacks: string;
  look(): Promise<boolean>;
}

/** Looks at a port, a URL and a command again and again, until all hold or the time is over. */
export function awaitReadiness(
  { when, env, logged }: AskedReadiness,
  root: string,
): { readonly answer: Promise<ReadyAnswer>; giveUp(): void } {
  const end = new AbortController();
  const missing = new Set(looksOf(when, { env, root, signal: end.signal }));
  const held: string[] = [];
  const over = timeout(when.timeoutMs, end.signal);
  const poll = async (): Promise<void> => {
    for (;;) {
      for (const one of missing) {
        if (end.signal.aborted) return;
        if (!(await one.look())) continue;
        missing.delete(one);
        held.push(one.holds);
      }
      if (missing.size === 0) break;
      await pause(everyMs, end.signal);
      if (end.signal.aborted) return;
    }
    await logged;
    if (logged) held.push("its log says so");
  };
  let saw = false;
  void logged?.then(() => {
    saw = true;
  });
  const late = (): ReadyAnswer => {
    const texts = saw || !logged ? [] : [`its log does not say ${list(when.logMatches ?? [])}`];
    const lacks = [...[...missing].map((one) => one.lacks), ...texts].join(", ");
    return { kind: "late", because: `after ${when.timeoutMs / 1000} s ${lacks}` };
  };
  const gaveUp = new Promise<ReadyAnswer>((resolve) => {
    end.signal.addEventListener("abort", () => resolve({ kind: "given-up" }));
  });
  const answer = Promise.race([
    poll().then(() => (end.signal.aborted ? gaveUp : { kind: "ready" as const, because: held.join(", ") })),
    over.then(late),
    gaveUp,
  ]);
  return { answer: answer.finally(() => end.abort()), giveUp: () => end.abort() };
}

function list(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(" and ");
}

interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly root: string;
  readonly signal: AbortSignal;
}

function looksOf(when: AskedReadiness["when"], around: Surroundings): Look[] {
  const { port, host, url, command } = when;
  const looks: Look[] = [];
  if (port !== undefined) {
    const look = (): Promise<boolean> => listens(port, host);
    looks.push({ holds: `port ${port} answers`, lacks: `port ${port} does not answer`, look });
  }
  if (url !== undefined) {
    const look = (): Promise<boolean> => answers(url);
    looks.push({ holds: `${url} answers`, lacks: `${url} does not answer`, look });
  }
  if (command !== undefined) {
    const look = (): Promise<boolean> => succeeds(command, around);
    looks.push({ holds: `\`${command}\` succeeds`, lacks: `\`${command}\` does not succeed`, look });
  }
  return looks;
}

/** As nx judges: a redirect, or a page that wants a login, is an answer. */
async function answers(url: string): Promise<boolean> {
  // Only here: Node loads a fetch of its own with it, which costs more than the rest of a short run.
  const { request } = await (url.startsWith("https:") ? import("node:https") : import("node:http"));
  return new Promise((resolve) => {
    let asked: ClientRequest;
    try {
      // A development server signs its own certificate.
      asked = request(url, { timeout: lookMs, rejectUnauthorized: false });
    } catch {
      resolve(false);
      return;
    }
    asked.once("response", ({ statusCode = 0 }) => {
      asked.destroy();
      resolve(statusCode >= 200 && statusCode <= 403);
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(false));
    asked.once("close", () => resolve(false));
    asked.end();
  });
}

function succeeds(line: string, { env, root, signal }: Surroundings): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { cwd: root, env, signal, timeout: lookMs, maxBuffer: 1024 * 1024 };
    execFile("sh", ["-c", line], options, (error) => resolve(error === null));
  });
}

function timeout(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // Longer than Node's timers can wait is as good as for ever.
    const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
    signal.addEventListener("abort", () => clearTimeout(timer));
  });
}

/** Ends early when it is given up. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
