import { isRecord, sha256, type PackageName, type Sha256, type Problem } from "@slipway/kernel";
import { readCatalogs, type Catalogs } from "../packages/catalogs.ts";
import { noFindings, type Findings } from "../parse/findings.ts";
import { parseJson } from "../parse/json-document.ts";
import { parseYaml } from "../parse/yaml-document.ts";
import { textFault, withoutByteOrderMark, type SourceText } from "../parse/text-faults.ts";
import type { WorkspaceTexts } from "../texts.ts";
import type { LockfileView, PackageManager, WorkspacePackage } from "../types.ts";
import { bunGraphOf, withoutTrailingCommas } from "./bun-lock.ts";
import { closureDigests, type LockGraph } from "./lock-graph.ts";
import { npmGraphOf } from "./npm-lock.ts";
import { pnpmGraphOf, scanPnpmLock } from "./pnpm-lock.ts";
import { yarnGraphOf } from "./yarn-lock.ts";

/** The lockfiles of each package manager, the one that it prefers first. */
const lockfiles: Readonly<Record<PackageManager["name"], readonly string[]>> = {
  pnpm: ["pnpm-lock.yaml"],
  npm: ["npm-shrinkwrap.json", "package-lock.json"],
  yarn: ["yarn.lock"],
  bun: ["bun.lock", "bun.lockb"],
};

export interface LockfileOwners {
  readonly manager: Pick<PackageManager, "name">;
  readonly packages: readonly WorkspacePackage[];
}

/**
 * Reads the lockfile: for each package a digest of all that its dependencies resolve to, so that a bump of one touches
 * only the packages that reach it. A format that is not known gives every package the digest of the whole text.
 *
 * @returns null when there is no lockfile, or when it is malformed (then it is among the problems)
 */
export function readLockfile(
  texts: WorkspaceTexts,
  owners: LockfileOwners,
  findings: Findings = noFindings(),
): LockfileView | null {
  const own = lockfiles[owners.manager.name].find((file) => texts.files.has(file));
  const path =
    own ??
    Object.values(lockfiles)
      .flat()
      .find((file) => texts.files.has(file));
  const text = path === undefined ? undefined : texts.files.get(path);
  if (path === undefined || text === undefined) return null;
  const before = findings.problems.length;
  const berry = path === "yarn.lock" && /^__metadata:/m.test(text);
  const yarnrc = berry ? texts.files.get(".yarnrc.yml") : undefined;
  const graph = graphOf({ path, text, berry, catalogs: catalogsOf(yarnrc) }, owners, findings);
  if (findings.problems.length > before) return null;
  return { path, format: formatOf(path, berry), closures: closuresOf(graph, text, owners.packages) };
}

interface Lockfile {
  readonly path: string;
  readonly text: string;
  readonly berry: boolean;
  readonly catalogs: Catalogs;
}

function catalogsOf(yarnrc: string | undefined): Catalogs {
  const source = { file: ".yarnrc.yml", text: yarnrc ?? "", code: "config/malformed" } as const;
  return readCatalogs(parseYaml(source, noFindings())?.value);
}

function graphOf(lockfile: Lockfile, { packages }: LockfileOwners, findings: Findings): LockGraph | null {
  const { path, berry, catalogs } = lockfile;
  const source = { file: path, text: withoutByteOrderMark(lockfile.text), code: "config/malformed" } as const;
  const { text } = source;
  switch (path) {
    case "pnpm-lock.yaml": {
      // Since pnpm 11 a first document may hold the package manager's own dependencies.
      const own = text.slice(text.lastIndexOf("\n---\n") + 1).replace(/^---\n/, "");
      const scanned = scanPnpmLock(own);
      if (scanned && !text.includes("<<<<<<<")) return scanned;
      const parsed = parseYaml({ ...source, text: own }, findings);
      return parsed && pnpmGraphOf(parsed.value);
    }
    case "yarn.lock": {
      const fault = textFault(source) ?? noEntries(source);
      if (fault) findings.problems.push(fault);
      return fault ? null : yarnGraphOf(text, { packages, berry, catalogs });
    }
    case "bun.lock": {
      const document = parseJson({ ...source, text: withoutTrailingCommas(text) }, "jsonc", findings);
      return document && bunGraphOf(document.value);
    }
    case "bun.lockb":
      return null;
    default: {
      const document = parseJson(source, "json", findings);
      return document && isRecord(document.value) ? npmGraphOf(document.value) : null;
    }
  }
}

/** Yarn's own format is forgiving; but where there is text and no entry at all, something else was put there. */
function noEntries({ file, text, code }: SourceText): Problem | null {
  const line = text.split("\n").findIndex((each) => /^[^#\s]/.test(each)) + 1;
  if (line === 0 || /^\S.*:\r?$/m.test(text)) return null;
  return { code, message: `${file} holds no entries of Yarn's`, file, line };
}

function formatOf(path: string, berry: boolean): LockfileView["format"] {
  if (path === "pnpm-lock.yaml") return "pnpm";
  if (path === "yarn.lock") return berry ? "berry" : "yarn1";
  return path.startsWith("bun") ? "bun" : "npm";
}

function closuresOf(
  graph: LockGraph | null,
  text: string,
  packages: readonly WorkspacePackage[],
): Readonly<Record<PackageName, Sha256>> {
  if (!graph) {
    const whole = sha256(text);
    return Object.fromEntries(packages.map(({ name }) => [name, whole]));
  }
  const digests = closureDigests(graph);
  return Object.fromEntries(
    packages.flatMap(({ name, dir }) => {
      const digest = digests.get(dir);
      return digest === undefined ? [] : [[name, digest] as const];
    }),
  );
}
