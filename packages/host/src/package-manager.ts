import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { UserError } from "@slipway/kernel";
import { execa } from "execa";

/** A package manager as a repository pins it. */
export interface PinnedManager {
  readonly name: "pnpm" | "npm" | "yarn" | "bun";
  /** Null: nothing pins it, `lockfileVersion` decides. */
  readonly version: string | null;
  readonly berry: boolean;
}

/** A package manager that can be run, in the very version that the repository pins. */
export interface BroughtManager {
  readonly name: PinnedManager["name"];
  readonly version: string;
  readonly berry: boolean;
  readonly argv: readonly string[];
  /** Holds the manager under its own name; put it first on PATH so that scripts which call it get this version. */
  readonly binDir: string;
  readonly from: "caller" | "repository" | "npm";
}

/** What a lockfile without a pin was written by: the newest release of the line that writes this format. */
const managerOfLockfile = {
  pnpm: { "5.4": "7.33.7", "6.0": "8.15.9", "6.1": "8.15.9", "9.0": "10.15.0" } as Readonly<
    Record<string, string>
  >,
  yarnBerry: "4.9.4",
  yarnClassic: "1.22.22",
  bun: "1.4.5",
} as const;

/**
 * Brings the repository's package manager from npm into the user's cache (no corepack: it fails wherever a registry
 * does not sign). Two processes at once both succeed: each installs into a folder of its own and renames it.
 *
 * @throws UserError registry/unreachable when it cannot be fetched
 */
export async function bringPackageManager(
  pinned: PinnedManager,
  root: string,
  cacheDir: string,
): Promise<BroughtManager> {
  const fromRepository = pinned.name === "yarn" ? yarnPathOf(root) : null;
  if (pinned.name === "npm" && pinned.version === null) return callersNpm(cacheDir);
  const version = (pinned.version ?? defaultVersion(pinned, root)).replace(/\+.*$/, "");
  const entry = fromRepository ?? (await installManager(pinned, version, cacheDir));
  const argv = isNativeBinary(entry) ? [entry] : [await nodeFor(entry), entry];
  const binDir = writeShims({
    name: pinned.name,
    version,
    argv,
    cacheDir,
    key: fromRepository ? entry : version,
  });
  return {
    name: pinned.name,
    version,
    berry: pinned.berry,
    argv,
    binDir,
    from: fromRepository ? "repository" : "npm",
  };
}

/**
 * The command lines of an install that may not change the lockfile, of one that only brings the lockfile up to date, and
 * of one without a lockfile, which leaves none behind (Yarn Berry's has to be taken away).
 */
export function installCommands(manager: BroughtManager): {
  readonly frozen: readonly string[];
  readonly refresh: readonly string[] | null;
  readonly free: readonly string[];
} {
  switch (manager.name) {
    case "pnpm":
      return {
        frozen: ["install", "--frozen-lockfile"],
        refresh: ["install", "--lockfile-only", "--no-frozen-lockfile", "--ignore-scripts"],
        free: ["install", "--no-lockfile"],
      };
    case "npm":
      return {
        frozen: ["ci", "--no-audit", "--no-fund"],
        refresh: ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"],
        free: ["install", "--no-package-lock", "--no-audit", "--no-fund"],
      };
    case "yarn":
      // Yarn Classic's lockfile does not name workspace packages: a version bump leaves it as it is.
      if (!manager.berry)
        return {
          frozen: ["install", "--frozen-lockfile"],
          refresh: null,
          free: ["install", "--no-lockfile"],
        };
      return {
        frozen: ["install", "--immutable"],
        refresh: ["install", "--mode=update-lockfile"],
        free: ["install", "--no-immutable"],
      };
    case "bun":
      return {
        frozen: ["install", "--frozen-lockfile"],
        refresh: ["install", "--lockfile-only", "--ignore-scripts"],
        free: ["install", "--no-save"],
      };
  }
}

async function callersNpm(cacheDir: string): Promise<BroughtManager> {
  const answer = await execa("npm", ["--version"], { reject: false, cwd: cacheDirMade(cacheDir) });
  if (answer.exitCode !== 0) {
    throw new UserError("host/manager-missing", "npm is not on the PATH", {
      hint: "install Node with npm, or pin a package manager in package.json#packageManager",
    });
  }
  const binDir = join(cacheDirMade(cacheDir), "no-shims");
  mkdirSync(binDir, { recursive: true });
  return { name: "npm", version: answer.stdout.trim(), berry: false, argv: ["npm"], binDir, from: "caller" };
}

function defaultVersion(pinned: PinnedManager, root: string): string {
  if (pinned.name === "yarn")
    return pinned.berry ? managerOfLockfile.yarnBerry : managerOfLockfile.yarnClassic;
  if (pinned.name === "bun") return managerOfLockfile.bun;
  const lockfile = textOf(join(root, "pnpm-lock.yaml"));
  const format = /^lockfileVersion:\s*['"]?([\d.]+)/m.exec(lockfile)?.[1] ?? "9.0";
  return managerOfLockfile.pnpm[format] ?? "10.15.0";
}

/** Yarn's committed release, `.yarnrc.yml` yarnPath (Berry) or `.yarnrc` yarn-path (Classic). */
function yarnPathOf(root: string): string | null {
  const berry = /^yarnPath:\s*["']?([^"'\n]+?)["']?\s*$/m.exec(textOf(join(root, ".yarnrc.yml")))?.[1];
  const classic = /^yarn-path\s+["']?([^"'\n]+?)["']?\s*$/m.exec(textOf(join(root, ".yarnrc")))?.[1];
  const path = berry ?? classic;
  return path && existsSync(join(root, path)) ? join(root, path) : null;
}

async function installManager(pinned: PinnedManager, version: string, cacheDir: string): Promise<string> {
  const packageName = managerPackage(pinned, version);
  const home = join(cacheDirMade(cacheDir), `${pinned.name}-${version}`);
  const installed = join(home, "node_modules", packageName);
  if (!existsSync(installed)) {
    const fresh = mkdtempSync(join(dirname(home), ".fresh-"));
    try {
      writeFileSync(join(fresh, "package.json"), JSON.stringify({ private: true }));
      await npmInstall(fresh, `${packageName}@${version}`);
      renameSync(fresh, home);
    } catch (error) {
      if (!existsSync(installed)) throw error;
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return join(installed, entryOf(installed, pinned.name));
}

/** From pnpm 12 on, and for bun, the named package holds a binary for one platform; its wrapper needs an install script. */
function managerPackage(pinned: PinnedManager, version: string): string {
  const major = Number(version.split(".")[0]);
  const platform = `${process.platform}-${process.arch}`;
  if (pinned.name === "pnpm" && major >= 12) return `@pnpm/exe.${platform}`;
  if (pinned.name === "yarn" && major >= 2) return "@yarnpkg/cli-dist";
  if (pinned.name === "bun") return `@oven/bun-${platform.replace("arm64", "aarch64")}`;
  return pinned.name;
}

function entryOf(installed: string, name: PinnedManager["name"]): string {
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    bin?: string | Record<string, string>;
  };
  const declared = typeof manifest.bin === "string" ? manifest.bin : manifest.bin?.[name];
  return declared ?? (existsSync(join(installed, "bin", name)) ? join("bin", name) : name);
}

async function npmInstall(cwd: string, spec: string): Promise<void> {
  const args = [
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-save",
    "--loglevel=error",
    "--fetch-retries=1",
    spec,
  ];
  const result = await execa("npm", args, { cwd, reject: false });
  if (result.exitCode === 0) return;
  throw new UserError(
    "registry/unreachable",
    `npm could not install ${spec}: ${firstLines(result.stderr || (result.shortMessage ?? ""))}`,
    {
      hint: "check the network and the registry in .npmrc, then run the same command again",
    },
  );
}

function isNativeBinary(path: string): boolean {
  return !/\.[cm]?js$/.test(path);
}

/**
 * The caller's Node, as it would run the manager by hand; Slipway's own where the manager's `engines` ask for a newer
 * one. Scripts still find the caller's Node on their PATH.
 */
async function nodeFor(entry: string): Promise<string> {
  const found = await execa("node", ["--version"], { reject: false });
  const major = found.exitCode === 0 ? Number(/^v(\d+)/.exec(found.stdout)?.[1]) : 0;
  return major >= leastNode(entry) ? "node" : process.execPath;
}

function leastNode(entry: string): number {
  try {
    const manifest = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8")) as {
      engines?: { node?: string };
    };
    return Number(/>=\s*(\d+)/.exec(manifest.engines?.node ?? "")?.[1] ?? 0);
  } catch {
    return 0;
  }
}

interface Shims {
  readonly name: PinnedManager["name"];
  readonly version: string;
  readonly argv: readonly string[];
  readonly cacheDir: string;
  readonly key: string;
}

function writeShims(shims: Shims): string {
  const binDir = join(
    cacheDirMade(shims.cacheDir),
    `shims-${shims.name}-${shims.key.replaceAll(/[^\w.-]/g, "_").slice(-80)}`,
  );
  mkdirSync(binDir, { recursive: true });
  const line = `exec ${shims.argv.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ")}`;
  writeShim(join(binDir, shims.name), `#!/bin/sh\n${line} "$@"\n`);
  if (shims.name === "pnpm") writeShim(join(binDir, "pnpx"), `#!/bin/sh\n${line} dlx "$@"\n`);
  if (shims.name === "bun") linkOnce(shims.argv[0] ?? "bun", join(binDir, "bunx"));
  return binDir;
}

/** Another process may be running the old one at this moment: replaced by rename, never written in place. */
function writeShim(path: string, text: string): void {
  if (textOf(path) === text) return;
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text, { mode: 0o755 });
  renameSync(fresh, path);
}

function linkOnce(target: string, path: string): void {
  if (!existsSync(path)) symlinkSync(target, path);
}

/** PATH with the manager first, for all that a rehearsal starts. */
export function pathWith(binDir: string, path: string | undefined): string {
  return path ? `${binDir}${delimiter}${path}` : binDir;
}

function cacheDirMade(cacheDir: string): string {
  mkdirSync(cacheDir, { recursive: true });
  return cacheDir;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function firstLines(text: string): string {
  return text.trim().split("\n").slice(0, 6).join("\n");
}
