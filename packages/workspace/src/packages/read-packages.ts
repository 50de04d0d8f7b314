import { isRecord, type RelativePath } from "@slipway/kernel";
import type { Findings } from "../parse/findings.ts";
import { parseJson, type JsonDocument } from "../parse/json-document.ts";
import { otherManifests } from "../text-names.ts";
import type { WorkspaceTexts } from "../texts.ts";

/** A package before its edges are known. */
export interface ReadPackage {
  readonly name: string;
  readonly dir: RelativePath;
  readonly file: RelativePath;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly document: JsonDocument;
}

/** The name that stands for the root package where it has none of its own. */
export const rootName = "//";

/** Every package of the workspace, sorted by directory; the root first when it has a manifest. */
export function readPackages(texts: WorkspaceTexts, findings: Findings): readonly ReadPackage[] {
  const dirs = [...texts.files.keys()]
    .filter((path) => path === "package.json" || path.endsWith("/package.json"))
    .map((path) => path.slice(0, -"/package.json".length))
    .toSorted();
  warnOfOthers(texts, findings);
  const read = dirs.flatMap((dir) => readPackage(dir, texts, findings) ?? []);
  return withDistinctNames(read, findings);
}

function warnOfOthers({ files }: WorkspaceTexts, findings: Findings): void {
  for (const file of files.keys()) {
    const name = otherManifests.find((each) => file.endsWith(`/${each}`));
    if (name === undefined || files.has(`${file.slice(0, -name.length)}package.json`)) continue;
    const message = `${file} is not read, so the package is left out`;
    const hint = "only pnpm reads such manifests: write it as package.json";
    findings.warnings.push({ code: "workspace/bad-manifest", message, file, line: 1, hint });
  }
}

function readPackage(dir: RelativePath, texts: WorkspaceTexts, findings: Findings): ReadPackage | null {
  const file = dir === "" ? "package.json" : `${dir}/package.json`;
  const text = texts.files.get(file) ?? "";
  const document = parseJson({ file, text, code: "workspace/bad-manifest" }, "json", findings);
  if (!document) return null;
  const manifest = document.value;
  const bad = (message: string, line: number): null => {
    findings.problems.push({ code: "workspace/bad-manifest", message, file, line });
    return null;
  };
  if (!isRecord(manifest)) return bad(`${file} must hold an object`, 1);
  const name = manifest["name"] ?? "";
  if (typeof name !== "string") return bad(`"name" in ${file} must be a string`, document.lineOf(["name"]));
  if (/[#\s]/.test(name)) {
    return bad(
      `"${name}" in ${file} is no package name: it holds a "#" or white space`,
      document.lineOf(["name"]),
    );
  }
  if (name !== "" || dir === "") return { name: name || rootName, dir, file, manifest, document };
  // Beside a project.json it is an nx project, which has a name of its own.
  if (texts.files.has(`${dir}/project.json`)) return null;
  const message = `${file} has no "name", so the package is left out`;
  findings.warnings.push({ code: "workspace/bad-manifest", message, file, line: 1 });
  return null;
}

/**
 * Names must be distinct. The root gives way, since a repository is often called as its main package, and so do private
 * packages, such as fixtures that were copied: nobody can install them, and pnpm and Changesets bear with them. Of private
 * ones alone the last keeps the name, which is the one that Changesets versions.
 */
function withDistinctNames(read: readonly ReadPackage[], findings: Findings): readonly ReadPackage[] {
  const byName = Map.groupBy(
    read.filter((each) => each.dir !== ""),
    (each) => each.name,
  );
  const renamed = new Map<ReadPackage, string>();
  for (const holders of byName.values()) {
    if (holders.length < 2) continue;
    const [keeper, ...others] = byClaim(holders);
    for (const other of others) {
      if (isPrivate(other)) renamed.set(other, other.dir);
      (isPrivate(other) ? warnOfTwin : reportTwice)({ keeper, other }, findings);
    }
  }
  return read.map((each) => {
    const name = each.dir === "" && byName.has(each.name) ? rootName : renamed.get(each);
    return name === undefined ? each : { ...each, name };
  });
}

function byClaim(holders: readonly ReadPackage[]): readonly ReadPackage[] {
  const open = holders.filter((each) => !isPrivate(each));
  const closed = holders.filter(isPrivate).toReversed();
  return [...open, ...closed];
}

function isPrivate({ manifest }: ReadPackage): boolean {
  return manifest["private"] === true;
}

interface Twins {
  readonly keeper: ReadPackage | undefined;
  readonly other: ReadPackage;
}

function reportTwice({ keeper, other: { name, file, document } }: Twins, findings: Findings): void {
  const message = `two packages are named "${name}": ${keeper?.file} and ${file}`;
  const hint = "rename one of them, make it private, or leave it out of the workspace";
  const line = document.lineOf(["name"]);
  findings.problems.push({ code: "workspace/duplicate-name", message, file, line, hint });
}

function warnOfTwin({ keeper, other: { name, dir, file, document } }: Twins, findings: Findings): void {
  const message = `${keeper?.file} is named "${name}" too: this private package goes by its directory, ${dir}`;
  const line = document.lineOf(["name"]);
  findings.warnings.push({ code: "workspace/duplicate-name", message, file, line });
}
