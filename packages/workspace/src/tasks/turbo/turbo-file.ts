import { isRecord, type Problem, type RelativePath } from "@slipway/kernel";
import type { Findings } from "../../parse/findings.ts";
import { parseJson, type JsonDocument } from "../../parse/json-document.ts";
import { turboFiles, type WorkspaceTexts } from "../../texts.ts";
import { taskFields, type FieldShape, type TaskFields } from "./task-fields.ts";

/** One turbo.json or turbo.jsonc, its tasks checked for shape; unknown keys are warned about and kept out. */
export interface TurboFile {
  readonly file: RelativePath;
  readonly document: JsonDocument;
  readonly value: Readonly<Record<string, unknown>>;
  /** What `extends` names; empty in the root file, which extends nothing. */
  readonly extends: readonly string[];
  readonly tasks: ReadonlyMap<string, TurboTask>;
  readonly tags: readonly string[];
}

/** A task as one file declares it, not yet merged. */
export interface TurboTask {
  readonly fields: TaskFields;
  /** Where each field stands: `turbo.json:12`. */
  readonly sources: Readonly<Record<string, string>>;
}

const rootKeys = new Set([
  "$schema", "agentGuidance", "boundaries", "cacheDir", "cacheMaxAge", "cacheMaxSize", "concurrency", "daemon",
  "dangerouslyDisablePackageManagerCheck", "envMode", "experimentalObservability", "experimentalSpaces", "extends",
  "futureFlags", "global", "globalDependencies", "globalDotEnv", "globalEnv", "globalPassThroughEnv", "noUpdateNotifier",
  "pipeline", "remoteCache", "setup", "tags", "tasks", "ui",
]); // prettier-ignore
const packageKeys = new Set(["$schema", "extends", "tags", "tasks", "pipeline", "boundaries"]);

/** Reads the turbo.json or turbo.jsonc of a directory; null when there is none or it is malformed. */
export function readTurboFile(
  dir: RelativePath,
  texts: WorkspaceTexts,
  findings: Findings,
): TurboFile | null {
  const prefix = dir === "" ? "" : `${dir}/`;
  const named = dir === "" ? texts.rootTurboJson : undefined;
  const usual = turboFiles.map((name) => `${prefix}${name}`);
  const [file, second] = (named === undefined ? usual : [named]).filter((name) => texts.files.has(name));
  if (file === undefined) return null;
  if (second !== undefined) {
    const message = `${file} and ${second} stand side by side: only one may`;
    findings.problems.push({ code: "config/malformed", message, file: second, line: 1 });
  }
  const text = texts.files.get(file) ?? "";
  const document = parseJson({ file, text, code: "config/malformed" }, "jsonc", findings);
  if (!document) return null;
  if (!isRecord(document.value)) {
    findings.problems.push({
      code: "config/malformed",
      message: `${file} must hold an object`,
      file,
      line: 1,
    });
    return null;
  }
  return checkedFile({ dir, file, document, value: document.value }, findings);
}

interface Parsed {
  readonly dir: RelativePath;
  readonly file: RelativePath;
  readonly document: JsonDocument;
  readonly value: Readonly<Record<string, unknown>>;
}

function checkedFile(parsed: Parsed, findings: Findings): TurboFile {
  const { dir, file, document, value } = parsed;
  const known = dir === "" ? rootKeys : packageKeys;
  for (const key of Object.keys(value)) {
    if (!known.has(key)) findings.warnings.push(fault(parsed, [key], `unknown key "${key}"`));
  }
  const key = value["tasks"] === undefined && value["pipeline"] !== undefined ? "pipeline" : "tasks";
  if (key === "pipeline")
    findings.warnings.push(fault(parsed, [key], `"pipeline" is called "tasks" since turbo 2`));
  const declared = value[key] ?? {};
  if (!isRecord(declared)) findings.problems.push(fault(parsed, [key], `"${key}" must be an object`));
  const entries = isRecord(declared) ? Object.entries(declared) : [];
  const tasks = entries.map(
    ([name, task]) => [name, readTask({ parsed, path: [key, name] }, task, findings)] as const,
  );
  const strings = (field: string): readonly string[] => stringsIn(parsed, field, findings);
  return {
    file,
    document,
    value,
    extends: dir === "" ? [] : strings("extends"),
    tasks: new Map(tasks),
    tags: strings("tags"),
  };
}

interface Place {
  readonly parsed: Parsed;
  readonly path: readonly string[];
}

function readTask(place: Place, task: unknown, findings: Findings): TurboTask {
  const { parsed, path } = place;
  const fields: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  if (!isRecord(task)) {
    findings.problems.push(fault(parsed, path, `the task "${path[1]}" must be an object`));
    return { fields, sources };
  }
  for (const [key, value] of Object.entries(task)) {
    const at = [...path, key];
    const shape: FieldShape | undefined = Object.hasOwn(taskFields, key)
      ? taskFields[key as keyof typeof taskFields]
      : undefined;
    if (!shape) findings.warnings.push(fault(parsed, at, `unknown key "${key}" of the task "${path[1]}"`));
    else if (!shape.accepts(value)) {
      findings.problems.push(fault(parsed, at, `"${key}" of the task "${path[1]}" must be ${shape.is}`));
    } else {
      fields[key] = value;
      sources[key] = `${parsed.file}:${parsed.document.lineOf(at)}`;
      const wrong = key === "inputs" || key === "outputs" ? globFault(key, value) : null;
      // turbo 1 only warned, and took what stands behind the slash.
      const into = path[0] === "pipeline" ? findings.warnings : findings.problems;
      if (wrong !== null) into.push(fault(parsed, at, `${wrong} of the task "${path[1]}"`));
    }
  }
  return { fields, sources };
}

/** What turbo refuses of globs: they start from the package, or from the root by its token. */
export function globFault(field: string, globs: unknown): string | null {
  for (const glob of Array.isArray(globs) ? globs : []) {
    if (typeof glob !== "string") continue;
    const bare = glob.replace(/^!/, "");
    if (/^(?:\/|[A-Za-z]:[\\/])/.test(bare)) return `"${glob}" is an absolute path in "${field}"`;
    if (bare.includes("$TURBO_ROOT$") && !bare.startsWith("$TURBO_ROOT$/"))
      return `"$TURBO_ROOT$/" must start "${glob}" in "${field}"`;
  }
  return null;
}

function stringsIn(parsed: Parsed, field: string, findings: Findings): readonly string[] {
  const value = parsed.value[field];
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  findings.problems.push(fault(parsed, [field], `"${field}" must be a list of strings`));
  return [];
}

function fault(parsed: Parsed, path: readonly string[], message: string): Problem {
  const { file, document } = parsed;
  return { code: "config/malformed", message: `${message}, in ${file}`, file, line: document.lineOf(path) };
}
