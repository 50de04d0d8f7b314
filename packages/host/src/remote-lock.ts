import { UserError } from "@slipway/kernel";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { Environment } from "./git.ts";
import { openOwnRefs } from "./own-refs.ts";
import { bootId, isAlive } from "./process-identity.ts";
import { steadyNowMs } from "./steady-clock.ts";

export type RemoteLock =
  | {
      readonly state: "taken";
      /** True when somebody else had it before, and what was planned without it may be old. */
      readonly contended: boolean;
      /**
       * True when its last sign of life is so old that somebody may have taken it over: the machine slept, or origin was
       * away. Nothing may be changed any more.
       */
      isOverdue(): boolean;
      /**
       * Shows life at once where the last sign is older than one should be. It replaces that very sign, so it succeeds only
       * while nobody has taken the lock over.
       */
      renew(): Promise<void>;
      release(): Promise<void>;
    }
  /** There is no remote, or it takes no lock from us: releases of other machines are not held off. */
  | { readonly state: "unavailable"; readonly because: string };

export interface RemoteLockOptions {
  readonly env: Environment;
  /** Called once when somebody else took the lock over: what is under way must stop. */
  onLost(): void;
  onWaiting(holder: string): void;
  /** How often the owner shows that it lives. */
  readonly beatMs?: number;
  /** A lock that shows no life for this long is taken over. */
  readonly patienceMs?: number;
}

interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly boot: string;
  /** Of the CI job, without its attempt: a rerun takes over what its earlier attempt left. */
  readonly job: string;
  readonly beat: number;
  /** Makes the commit another one than everybody else's. */
  readonly nonce: string;
}

const lockRef = "refs/slipway/release-lock";
const defaultBeatMs = 20_000;
const defaultPatienceMs = 70_000;
/** Of the patience of others: what is begun then still ends before they take over. */
const overdueShare = 0.8;

/**
 * One release of a repository at a time, on all machines: a ref on `origin` that only one push can create. Its owner
 * pushes a sign of life now and then; whoever finds the ref of a dead owner replaces exactly that one. No clock of
 * another machine is believed.
 *
 * @throws UserError `release/locked` while its owner lives
 */
export async function takeRemoteLock(root: string, options: RemoteLockOptions): Promise<RemoteLock> {
  const remote = await openRemote(root, options.env);
  if (!remote) return { state: "unavailable", because: "there is no remote named origin" };
  const self: Owner = {
    host: hostname(),
    pid: process.pid,
    boot: bootId(),
    job: jobOf(options.env),
    beat: 0,
    nonce: randomUUID(),
  };
  const first = await remote.read();
  if (first === "unreachable") return { state: "unavailable", because: "origin does not answer" };
  let seen = first;
  const contended = seen !== null;
  if (seen && !isGone(seen.owner, self)) seen = await watched(remote, seen, options);
  for (let left = attempts; left > 0; left--) {
    const mine = await remote.replace(seen?.object ?? null, self);
    if (mine !== null) return held(remote, { mine, self, contended: contended || left < attempts }, options);
    const now = await remote.read();
    if (now !== null && now !== "unreachable") throw locked(now.owner);
    // Somebody was faster, and is done already.
    seen = null;
  }
  return { state: "unavailable", because: "the remote takes no ref from us" };
}

const attempts = 2;

interface Seen {
  readonly object: string;
  readonly owner: Owner;
}

interface Remote {
  read(): Promise<Seen | null | "unreachable">;
  /** Sets the ref if it is what was seen (null: not there); null when it was not. */
  replace(before: string | null, owner: Owner | null): Promise<string | null>;
}

async function openRemote(root: string, env: Environment): Promise<Remote | null> {
  const refs = await openOwnRefs(root, env);
  if (!refs) return null;
  return {
    read: async () => {
      const listed = await refs.list(lockRef);
      if (!listed) return "unreachable";
      const object = listed.get(lockRef);
      if (object === undefined) return null;
      return { object, owner: ownerIn(await refs.message(lockRef, object)) };
    },
    replace: (before, owner) => refs.replace(lockRef, before, owner && JSON.stringify(owner)),
  };
}

/** Waits for a sign of life of the owner. */
async function watched(remote: Remote, first: Seen, options: RemoteLockOptions): Promise<Seen | null> {
  options.onWaiting(nameOf(first.owner));
  const patienceMs = options.patienceMs ?? defaultPatienceMs;
  const stepMs = Math.min(5_000, patienceMs / 5);
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += stepMs) {
    await pause(stepMs);
    const now = await remote.read();
    if (now === "unreachable") continue;
    if (!now) return null;
    if (now.object !== first.object) throw locked(now.owner);
  }
  return first;
}

function held(
  remote: Remote,
  start: { readonly mine: string; readonly self: Owner; readonly contended: boolean },
  options: RemoteLockOptions,
): RemoteLock {
  let { mine } = start;
  let beat = 0;
  let signMs = steadyNowMs();
  const beatMs = options.beatMs ?? defaultBeatMs;
  const overdueMs = (options.patienceMs ?? defaultPatienceMs) * overdueShare;
  let beating: Promise<void> = Promise.resolve();
  const show = async (): Promise<void> => {
    const shownMs = steadyNowMs();
    const next = await remote.replace(mine, { ...start.self, beat: ++beat });
    if (next !== null) {
      mine = next;
      signMs = shownMs;
      return;
    }
    const now = await remote.read();
    if (now === "unreachable" || now?.object === mine) return;
    clearInterval(timer);
    options.onLost();
  };
  const timer = setInterval(() => {
    beating = beating.then(show).catch(() => undefined);
  }, beatMs);
  timer.unref();
  return {
    state: "taken",
    contended: start.contended,
    isOverdue: () => steadyNowMs() - signMs > overdueMs,
    renew: async () => {
      if (steadyNowMs() - signMs <= beatMs) return;
      beating = beating.then(show).catch(() => undefined);
      await beating;
    },
    release: async () => {
      clearInterval(timer);
      await beating;
      await remote.replace(mine, null);
    },
  };
}

function isGone(owner: Owner, self: Owner): boolean {
  if (owner.job !== "" && owner.job === self.job) return true;
  if (owner.host !== self.host) return false;
  return owner.boot !== self.boot || !isAlive(owner.pid);
}

/** A rerun of a job has its run's number; two jobs of one run differ by their name. */
function jobOf(env: Environment): string {
  const run = env["GITHUB_RUN_ID"] ?? env["CI_PIPELINE_ID"];
  return run === undefined ? "" : `${run}/${env["GITHUB_JOB"] ?? env["CI_JOB_NAME"] ?? ""}`;
}

function ownerIn(message: string): Owner {
  const unknown: Owner = { host: "an unknown machine", pid: 0, boot: "", job: "", beat: 0, nonce: "" };
  try {
    return { ...unknown, ...(JSON.parse(message) as Partial<Owner>) };
  } catch {
    return unknown;
  }
}

function nameOf({ host, pid }: Owner): string {
  return `process ${pid} on ${host}`;
}

function locked(owner: Owner): UserError {
  return new UserError("release/locked", `this repository is being released by ${nameOf(owner)}`, {
    hint: `wait for its end and run the same command again; the lock is ${lockRef} on origin`,
  });
}
