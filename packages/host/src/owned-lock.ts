import { UserError } from "@slipway/kernel";
import { readdirSync } from "node:fs";
import { link, mkdir, readdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { bootId, isAlive } from "./process-identity.ts";

export interface OwnedLock {
  /** Higher than that of every owner before. */
  readonly fence: number;
  /** False once a later owner is there: what this one still wants to do must not be done. */
  isMine(): boolean;
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  readonly boot: string;
  readonly host: string;
  readonly since: string;
  readonly released: boolean;
}

/**
 * Takes a lock for this process. Each owner is a file with a number of its own in `folder`, and the highest number has
 * the lock: the system lets only one process make a file, so of several that find the same dead owner (killed, or the
 * machine was restarted) one follows it. Nothing is ever taken away from a living owner.
 *
 * @throws UserError `release/locked` while the owner lives, naming it
 */
export async function takeLock(folder: string, now: Date): Promise<OwnedLock> {
  await mkdir(folder, { recursive: true });
  const self: Owner = {
    pid: process.pid,
    boot: bootId(),
    host: hostname(),
    since: now.toISOString(),
    released: false,
  };
  for (;;) {
    const last = await lastFence(folder);
    const before = last === 0 ? null : await ownerAt(folder, last);
    if (before && isHeld(before)) throw locked(folder, before);
    const fence = last + 1;
    if (!(await created(folder, fence, self))) continue;
    // Seen late, an old list could lead to a number that was already passed.
    if ((await lastFence(folder)) !== fence) {
      await unlink(fileOf(folder, fence));
      continue;
    }
    await forget(folder, fence - 1);
    return {
      fence,
      isMine: () => highest(readdirSync(folder)) === fence,
      release: () => put(folder, fence, { ...self, released: true }),
    };
  }
}

let freshFiles = 0;

/** A name that nobody else writes, another caller in this process neither. */
function freshFile(folder: string, fence: number): string {
  return join(folder, `.${process.pid}-${fence}-${freshFiles++}`);
}

async function created(folder: string, fence: number, owner: Owner): Promise<boolean> {
  const fresh = freshFile(folder, fence);
  await writeFile(fresh, JSON.stringify(owner));
  try {
    // A link appears with its content, or not at all.
    await link(fresh, fileOf(folder, fence));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(fresh);
  }
}

async function put(folder: string, fence: number, owner: Owner): Promise<void> {
  const fresh = freshFile(folder, fence);
  await writeFile(fresh, JSON.stringify(owner));
  await rename(fresh, fileOf(folder, fence));
}

/** The numbers just below stay, so that a late process meets them and not a gap. */
const rememberedMin = 16;

async function forget(folder: string, below: number): Promise<void> {
  for (const fence of await fences(folder)) {
    if (fence < below - rememberedMin) await unlink(fileOf(folder, fence)).catch(() => undefined);
  }
}

async function lastFence(folder: string): Promise<number> {
  return highest(await readdir(folder));
}

async function fences(folder: string): Promise<number[]> {
  return fencesIn(await readdir(folder));
}

function highest(names: readonly string[]): number {
  return Math.max(0, ...fencesIn(names));
}

function fencesIn(names: readonly string[]): number[] {
  return names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.slice(1).map(Number) ?? []);
}

function fileOf(folder: string, fence: number): string {
  return join(folder, `${fence}.json`);
}

async function ownerAt(folder: string, fence: number): Promise<Owner | null> {
  try {
    return JSON.parse(await readFile(fileOf(folder, fence), "utf8")) as Owner;
  } catch {
    return null;
  }
}

/** An owner on another machine (a shared disk) cannot be looked at, so it counts as alive. */
function isHeld(owner: Owner): boolean {
  if (owner.released) return false;
  if (owner.host !== hostname()) return true;
  return owner.boot === bootId() && isAlive(owner.pid);
}

function locked(folder: string, owner: Owner): UserError {
  const who = `process ${owner.pid} on ${owner.host}, since ${owner.since}`;
  return new UserError("release/locked", `this repository is being released by ${who}`, {
    hint: `wait for its end and run the same command again; the lock is in ${folder}`,
  });
}
