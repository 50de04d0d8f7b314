import { didYouMean, isRecord, type Problem, type RelativePath } from "@slipway/kernel";
import type { Findings } from "../../parse/findings.ts";
import { parseJson, type JsonDocument } from "../../parse/json-document.ts";
import { turboFiles } from "../../text-names.ts";
import type { WorkspaceTexts } from "../../texts.ts";
import { taskFields, type FieldShape, type TaskFields } from "./task-fields.ts";
import { futureFlags, listFault, rewritten, rootShapes } from "./turbo-values.ts";

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
    if (!known.has(key)) findings.warnings.push(unknownKey(parsed, [key], [...known]));
  }
  if (dir === "") checkRootValues(parsed, findings);
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
    if (!shape) findings.warnings.push(unknownKey(parsed, at, Object.keys(taskFields)));
    else if (!shape.accepts(value)) {
      const message = `"${key}" of the task "${path[1]}" must be ${shape.is}`;
      findings.problems.push(fault(parsed, at, { message, hint: rewritten(shape, value) }));
    } else {
      fields[key] = value;
      sources[key] = `${parsed.file}:${parsed.document.lineOf(at)}`;
      const wrong = listFault(key, value, `"${key}" of the task "${path[1]}"`);
      // turbo 1 only warned, and took what stands behind the slash.
      const into = path[0] === "pipeline" ? findings.warnings : findings.problems;
      if (wrong) into.push(fault(parsed, at, wrong));
    }
  }
  return { fields: path[0] === "pipeline" ? withNamedVariables(fields) : fields, sources };
}

/** turbo 1 took `$NAME` in dependsOn for a variable that counts. */
function withNamedVariables(fields: TaskFields): TaskFields {
  const named = (fields.dependsOn ?? []).filter((each) => each.startsWith("$")).map((each) => each.slice(1));
  return named.length === 0 ? fields : { ...fields, env: [...(fields.env ?? []), ...named] };
}

function stringsIn(parsed: Parsed, field: string, findings: Findings): readonly string[] {
  const value = parsed.value[field];
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  const hint = typeof value === "string" ? `Write ["${value}"].` : undefined;
  findings.problems.push(fault(parsed, [field], { message: `"${field}" must be a list of strings`, hint }));
  return [];
}

function checkRootValues(parsed: Parsed, findings: Findings): void {
  const { value } = parsed;
  // turbo 1 had other values, and is read as it was.
  const into = value["tasks"] === undefined ? findings.warnings : findings.problems;
  for (const [key, shape] of Object.entries(rootShapes)) {
    const own = value[key];
    if (own === undefined || own === null || shape.accepts(own)) continue;
    into.push(fault(parsed, [key], { message: `"${key}" must be ${shape.is}`, hint: rewritten(shape, own) }));
  }
  const flags = isRecord(value["futureFlags"]) ? value["futureFlags"] : {};
  for (const [flag, own] of Object.entries(flags)) {
    const path = ["futureFlags", flag];
    if (!futureFlags.has(flag)) findings.warnings.push(unknownKey(parsed, path, [...futureFlags]));
    else if (flag !== "experimentalObservability" && typeof own !== "boolean") {
      findings.problems.push(fault(parsed, path, `"${flag}" of futureFlags must be true or false`));
    }
  }
}

function unknownKey(parsed: Parsed, path: readonly string[], known: readonly string[]): Problem {
  const key = path.at(-1) ?? "";
  const where = path.length === 3 ? ` of the task "${path[1]}"` : path.length === 2 ? ` of ${path[0]}` : "";
  const nearest = didYouMean(key, known);
  return fault(parsed, path, {
    message: `unknown key "${key}"${where}`,
    hint: nearest === undefined ? undefined : `Did you mean "${nearest}"?`,
  });
}

function fault(
  { file, document }: Parsed,
  path: readonly (string | number)[],
  words: string | { readonly message: string; readonly hint?: string | undefined },
): Problem {
  const { message, hint } = typeof words === "string" ? { message: words, hint: undefined } : words;
  const line = document.lineOf(path);
  return {
    code: "config/malformed",
    message: `${message}, in ${file}`,
    file,
    line,
    ...(hint ? { hint } : {}),
  };
}
