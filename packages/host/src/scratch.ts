import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { bootId, isAlive } from "./process-identity.ts";

export interface ScratchFolder {
  readonly path: string;
  remove(): void;
  /** The same without keeping this process busy: hundreds of installs take minutes to go. */
  discard(): Promise<void>;
}

const OWNER_FILE = "owner.json";
/** A folder without an owner file this old was left by a process that died while making it. */
const UNOWNED_AGE_MS_MAX = 60_000;

/**
 * A folder of this process's own, outside every repository. Folders of processes that are gone (a `kill -9` leaves one)
 * are deleted on the way, so that the next run cleans up after the last.
 */
export function makeScratchFolder(purpose: string): ScratchFolder {
  const home = scratchHome();
  mkdirSync(home, { recursive: true, mode: 0o700 });
  removeLeftovers(home);
  const path = mkdtempSync(join(home, `${purpose}-`));
  writeFileSync(join(path, OWNER_FILE), JSON.stringify({ pid: process.pid, boot: bootId() }));
  return { path, remove: () => removeTree(path), discard: () => discardTree(path) };
}

/** `rm` takes an installed work tree away several times faster than Node does. */
function removeTree(path: string): void {
  spawnSync("rm", ["-rf", "--", path], { stdio: "ignore" });
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

async function discardTree(path: string): Promise<void> {
  const exitCode = await new Promise<number | null>((resolve) => {
    const rm = spawn("rm", ["-rf", "--", path], { stdio: "ignore" });
    rm.on("error", () => resolve(null));
    rm.on("close", resolve);
  });
  if (exitCode !== 0) removeTree(path);
}

/** The temporary directory may be shared by users: each has a folder of their own there. */
function scratchHome(): string {
  return join(tmpdir(), `slipway-${userInfo().uid}`);
}

function removeLeftovers(home: string): void {
  for (const name of readdirSync(home)) {
    const path = join(home, name);
    if (!isOwned(path)) removeTree(path);
  }
}

function isOwned(path: string): boolean {
  try {
    const owner = JSON.parse(readFileSync(join(path, OWNER_FILE), "utf8")) as { pid: number; boot: string };
    return owner.boot === bootId() && isAlive(owner.pid);
  } catch {
    return isYoung(path);
  }
}

function isYoung(path: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs < UNOWNED_AGE_MS_MAX;
  } catch {
    return true;
  }
}
