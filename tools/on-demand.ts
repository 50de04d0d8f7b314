import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const INSTALL_MS_MAX = 300_000;

export type OnDemand =
  | { readonly folder: string }
  /** In words for the reader of a skipped test: what is missing, and how to get it. */
  | { readonly missing: string };

/**
 * Installs what one of tools/NAME/package.json names (peers, other Nodes) in the versions of its lock, when somebody first
 * asks for it. Two who ask at once both install, and the later one's copy is dropped: nothing is ever half there.
 */
export function onDemand(name: string): OnDemand {
  const home = join(import.meta.dirname, name);
  const modules = join(home, "node_modules");
  if (isInstalled(home)) return { folder: modules };
  // Not `npm ci`: it refuses a lock that lacks packages for other platforms, which not every registry serves.
  const aside = join(home, `node_modules.${process.pid}`);
  mkdirSync(aside, { recursive: true });
  try {
    for (const file of ["package.json", "package-lock.json"])
      copyFileSync(join(home, file), join(aside, file));
    const flags = ["--include=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"];
    const npm = spawnSync("npm", ["install", "--no-save", ...flags, "--loglevel=error"], {
      cwd: aside,
      encoding: "utf8",
      timeout: INSTALL_MS_MAX,
    });
    if (npm.status !== 0 || !existsSync(join(aside, "node_modules")))
      return {
        missing: `tools/${name} is not installed and npm could not bring it: ${reasonOf(npm.stderr)}`,
      };
    if (!isInstalled(home)) {
      rmSync(modules, { recursive: true, force: true });
      renameSync(join(aside, "node_modules"), modules);
    }
    return { folder: modules };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** npm writes its own record last, so what has one is whole. */
function isInstalled(home: string): boolean {
  const record = statSync(join(home, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  return record !== undefined && record.mtimeMs >= statSync(join(home, "package-lock.json")).mtimeMs;
}

/** The first line that is a sentence; the others are codes. */
function reasonOf(stderr: string | null): string {
  const lines = stderr?.split("\n") ?? [];
  const sentence = lines.find((line) => /^npm error (\S+ ){3,}/.test(line));
  return sentence?.replace("npm error ", "") ?? "npm gave no reason";
}
