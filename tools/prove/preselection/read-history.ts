import { execFileSync, spawnSync } from "node:child_process";
import { basename, dirname } from "node:path";
import {
  detectGeneration,
  globMatcher,
  readChangeset,
  type VersionedPackage,
} from "../../../packages/plan/src/index.ts";
import { readWorkspace, rootFiles, workspacePatterns } from "../../../packages/workspace/src/index.ts";
import type { MergedChange } from "./merged-change.ts";

const BYTES_MAX = 1 << 30;

/**
 * The newest commits of a history's first-parent line that add changesets naming packages and consume none: merged pull
 * requests, whether squashed or not.
 */
export async function readHistory(gitDir: string, most: number): Promise<readonly MergedChange[]> {
  const git = (...args: string[]) =>
    execFileSync("git", ["--git-dir", gitDir, ...args], { encoding: "utf8", maxBuffer: BYTES_MAX });
  const log = [
    "log",
    "--first-parent",
    "-m",
    "--name-status",
    "--no-renames",
    "--format=%x01%H %P",
    "HEAD",
    "--",
    ".changeset",
  ];
  const changes: MergedChange[] = [];
  for (const part of git(...log)
    .split("\u0001")
    .slice(1)) {
    if (changes.length === most) break;
    const [head = "", ...lines] = part.split("\n").filter(Boolean);
    const [commit = "", parent] = head.split(" ");
    const touched = lines.map((line) => line.split("\t")).filter(([, path = ""]) => isChangeset(path));
    const added = touched.flatMap(([status, path]) => (status === "A" && path ? [path] : []));
    if (parent === undefined || added.length === 0 || touched.some(([status]) => status === "D")) continue;
    const change = await readChange(gitDir, { commit, parent, added });
    if (change && change.named.length > 0) changes.push(change);
  }
  return changes;
}

function isChangeset(path: string): boolean {
  return /^\.changeset\/[^./][^/]*\.md$/.test(path) && !/readme\.md$/i.test(path);
}

interface Range {
  readonly commit: string;
  readonly parent: string;
  readonly added: readonly string[];
}

async function readChange(gitDir: string, { commit, parent, added }: Range): Promise<MergedChange | null> {
  const git = (...args: string[]) =>
    execFileSync("git", ["--git-dir", gitDir, ...args], { encoding: "utf8", maxBuffer: BYTES_MAX });
  const tree = git("ls-tree", "-r", "--name-only", "-z", commit).split("\0");
  const changed = git("diff", "--name-only", "--no-renames", "-z", parent, commit)
    .split("\0")
    .filter(Boolean);
  const roots = textsAt(
    gitDir,
    commit,
    [...rootFiles, ".changeset/config.json"].filter((path) => tree.includes(path)),
  );
  const patterns = workspacePatterns({ files: roots });
  if (!patterns.ok) return null;
  const manifests = manifestsAmong(tree, patterns.value);
  const files = new Map([...roots, ...textsAt(gitDir, commit, manifests)]);
  const workspace = readWorkspace({ files }, { packagesOnly: true });
  if (!workspace.ok) return null;
  const members = workspace.value.packages.filter(({ dir }) => dir !== "");
  const packages = (members.length > 0 ? members : workspace.value.packages).map(
    ({ name, dir, manifest }): VersionedPackage => ({ name, dir, manifest }),
  );
  const before = textsAt(
    gitDir,
    parent,
    changed.filter((path) => basename(path) === "package.json"),
  );
  const named = new Set<string>();
  for (const [path, text] of textsAt(gitDir, commit, added)) {
    const read = await readChangeset({ path, text });
    if (!read.ok) return null;
    for (const { name, type } of read.value.releases) if (type !== "none") named.add(name);
  }
  const config = files.get(".changeset/config.json") ?? null;
  const root = workspace.value.packages.find(({ dir }) => dir === "")?.manifest ?? {};
  const dependencies = root["devDependencies"] ?? root["dependencies"];
  const cliRange = (dependencies as Record<string, string> | undefined)?.["@changesets/cli"] ?? null;
  const { generation } = detectGeneration({ chosen: null, cliRange, configText: config, preState: null });
  return {
    repository: basename(dirname(gitDir)).replace("+", "/"),
    commit,
    named: [...named].toSorted(),
    generation,
    config,
    packages: packages.map((each) => withoutTexts(each, before)),
    files: changed
      .filter((path) => !path.startsWith(".changeset/"))
      .map((path) => {
        if (basename(path) !== "package.json") return { path };
        const text = before.get(path);
        return {
          path,
          manifestBefore: text === undefined ? null : (JSON.parse(text) as Record<string, unknown>),
        };
      }),
  };
}

/** Of a manifest that did not change, only what says whether the package is released. */
function withoutTexts(each: VersionedPackage, changed: ReadonlyMap<string, string>): VersionedPackage {
  if (changed.has(`${each.dir}/package.json`)) return each;
  const { name, version, private: isPrivate } = each.manifest;
  return { ...each, manifest: { name, version, ...(isPrivate === undefined ? {} : { private: isPrivate }) } };
}

function manifestsAmong(
  tree: readonly string[],
  { include, exclude }: { readonly include: readonly string[]; readonly exclude: readonly string[] },
): readonly string[] {
  const chosen = globMatcher([
    ...include.map((glob) => `${glob}/package.json`),
    ...exclude.map((glob) => `!${glob}/package.json`),
  ]);
  return tree.filter((path) => path.endsWith("/package.json") && chosen(path));
}

/** One `git cat-file --batch` for all. */
function textsAt(gitDir: string, commit: string, paths: readonly string[]): Map<string, string> {
  const input = paths.map((path) => `${commit}:${path}\n`).join("");
  const { stdout } = spawnSync("git", ["--git-dir", gitDir, "cat-file", "--batch"], {
    input,
    maxBuffer: BYTES_MAX,
  });
  const texts = new Map<string, string>();
  let at = 0;
  for (const path of paths) {
    const end = stdout.indexOf("\n", at);
    const [, kind, size] = stdout.toString("utf8", at, end).split(" ");
    at = end + 1;
    if (kind !== "blob") continue;
    texts.set(path, stdout.toString("utf8", at, at + Number(size)));
    at += Number(size) + 1;
  }
  return texts;
}
