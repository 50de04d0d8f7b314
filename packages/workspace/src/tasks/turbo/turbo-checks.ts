import { isRecord, type PackageName, type Problem } from "@slipway/kernel";
import { rootName } from "../../packages/read-packages.ts";
import type { Findings } from "../../parse/findings.ts";
import type { WorkspacePackage } from "../../types.ts";
import type { TurboFile, TurboTask } from "./turbo-file.ts";
import { togetherFault, unreadableGlob } from "./turbo-values.ts";

interface Read {
  readonly rootFile: TurboFile;
  readonly files: ReadonlyMap<PackageName, TurboFile>;
  readonly packages: readonly WorkspacePackage[];
  readonly findings: Findings;
}

/** Names in turbo.json files that mean nothing, and packages' files that do not say what they extend. */
export function checkNames({ rootFile, files, packages, findings }: Read): void {
  const names = new Set(packages.map((each) => each.name));
  for (const key of rootFile.tasks.keys()) {
    const name = key.includes("#") ? key.slice(0, key.indexOf("#")) : null;
    if (name !== null && name !== rootName && !names.has(name)) {
      findings.warnings.push(
        fault(rootFile, [tasksKey(rootFile), key], `"${key}" names no package of this workspace`),
      );
    }
  }
  for (const file of files.values()) {
    // turbo 1 is read as it was: it did not look so closely.
    const into = tasksKey(file) === "pipeline" ? findings.warnings : findings.problems;
    into.push(...extendsFaults(file, { files, names }));
    for (const key of file.tasks.keys()) {
      if (!key.includes("#")) continue;
      const hint = `Write "${key.slice(key.indexOf("#") + 1)}" for a task of this package.`;
      into.push({
        ...fault(file, [tasksKey(file), key], `"${key}" counts only in the root's turbo.json`),
        hint,
      });
    }
  }
}

function extendsFaults(
  file: TurboFile,
  { files, names }: { readonly files: Read["files"]; readonly names: ReadonlySet<string> },
): readonly Problem[] {
  const hint = `Write "extends": ["//"], with other packages behind "//".`;
  if (file.extends.length === 0)
    return [{ ...fault(file, [], `a package's turbo.json must say what it extends`), hint }];
  const place = ["extends"];
  if (file.extends[0] !== rootName)
    return [{ ...fault(file, place, `"extends" must begin with "//"`), hint }];
  return file.extends
    .filter((base) => base !== rootName && !files.has(base))
    .map((base) => {
      const what = names.has(base) ? "has no turbo.json to extend" : "is no package of this workspace";
      return fault(file, place, `"${base}" ${what}`);
    });
}

/** A task whose fields, all files merged, cannot be together: one problem for each place that says so. */
export function checkTogether({ fields, sources }: TurboTask, { rootFile, findings }: Read): void {
  const found = togetherFault(fields);
  if (!found || tasksKey(rootFile) === "pipeline") return;
  const [file = rootFile.file, line] = (sources[found.key] ?? "").split(":");
  const message = `a task ${found.message}, in ${file}`;
  const problem = { code: "config/malformed", message, file, line: Number(line) || 1 } as const;
  const isKnown = findings.problems.some((each) => each.message === message && each.line === problem.line);
  if (!isKnown) findings.problems.push(found.hint === undefined ? problem : { ...problem, hint: found.hint });
}

/** What turbo tells of a task, all files merged, when it runs it. */
export function taskFaults({ fields, sources }: TurboTask): readonly Problem[] {
  return (["inputs", "outputs"] as const).flatMap((key) => {
    const found = unreadableGlob(fields[key] ?? [], `"${key}"`);
    const [file = "turbo.json", line] = (sources[key] ?? "").split(":");
    return found ? [{ ...found, code: "config/malformed" as const, file, line: Number(line) || 1 }] : [];
  });
}

function tasksKey({ value }: TurboFile): "tasks" | "pipeline" {
  return isRecord(value["pipeline"]) && !isRecord(value["tasks"]) ? "pipeline" : "tasks";
}

function fault(file: TurboFile, path: readonly string[], message: string): Problem {
  const line = file.document.lineOf(path);
  return { code: "config/malformed", message: `${message}, in ${file.file}`, file: file.file, line };
}
