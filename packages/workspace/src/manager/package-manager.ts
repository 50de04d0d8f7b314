import { isRecord } from "@slipway/kernel";
import type { WorkspaceTexts } from "../texts.ts";
import type { PackageManager } from "../types.ts";

type Name = PackageManager["name"];

const lockfiles: readonly (readonly [file: string, name: Name])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["yarn.lock", "yarn"],
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
];

/** Which package manager this repository uses, by what it declares, else by what lies there. Nothing is executed. */
export function packageManagerOf(
  texts: WorkspaceTexts,
  manifest: Readonly<Record<string, unknown>>,
): PackageManager {
  const declared = fromField(manifest["packageManager"]);
  if (declared) return finished(declared, "packageManager", texts);
  const engines = fromDevEngines(manifest["devEngines"]);
  if (engines) return finished(engines, "devEngines", texts);
  const lockfile = lockfiles.find(([file]) => texts.files.has(file));
  if (lockfile) return finished({ name: lockfile[1], version: null }, "lockfile", texts);
  if (texts.files.has("pnpm-workspace.yaml"))
    return finished({ name: "pnpm", version: null }, "workspace-file", texts);
  if (texts.files.has(".yarnrc.yml"))
    return finished({ name: "yarn", version: null }, "workspace-file", texts);
  return finished({ name: "npm", version: null }, "default", texts);
}

interface Declared {
  readonly name: Name;
  readonly version: string | null;
}

function finished(
  declared: Declared,
  because: PackageManager["because"],
  texts: WorkspaceTexts,
): PackageManager {
  return { ...declared, berry: declared.name === "yarn" && isBerry(declared.version, texts), because };
}

function isBerry(version: string | null, texts: WorkspaceTexts): boolean {
  const major = /^[^\d]*(\d+)/.exec(version ?? "")?.[1];
  if (major !== undefined) return Number(major) >= 2;
  const lockfile = texts.files.get("yarn.lock");
  if (lockfile !== undefined) return /^__metadata:/m.test(lockfile.slice(0, 2000));
  return texts.files.has(".yarnrc.yml");
}

/** `pnpm@9.1.0+sha512.…`: the hash is no part of the version. */
function fromField(field: unknown): Declared | null {
  if (typeof field !== "string") return null;
  const match = /^(\w+)(?:@([^+]+).*)?$/.exec(field);
  const name = nameOf(match?.[1]);
  return name ? { name, version: match?.[2] ?? null } : null;
}

function fromDevEngines(field: unknown): Declared | null {
  const entry: unknown = isRecord(field) ? field["packageManager"] : undefined;
  const entries: readonly unknown[] = Array.isArray(entry) ? entry : [entry];
  for (const each of entries) {
    const name = isRecord(each) ? nameOf(each["name"]) : null;
    if (name && isRecord(each))
      return { name, version: typeof each["version"] === "string" ? each["version"] : null };
  }
  return null;
}

function nameOf(word: unknown): Name | null {
  return word === "pnpm" || word === "npm" || word === "yarn" || word === "bun" ? word : null;
}
