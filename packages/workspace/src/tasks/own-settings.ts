import { didYouMean, isRecord, type Problem } from "@slipway/kernel";
import type { Findings } from "../parse/findings.ts";
import { parseJson, type JsonDocument } from "../parse/json-document.ts";
import type { WorkspaceTexts } from "../texts.ts";
import type { TaskNeed, TaskRule, WorkspacePackage } from "../types.ts";
import { readReadyWhen, readyWhenKeys } from "./ready-when.ts";

/** Where what the peers' formats have no words for can be said. */
const file = "slipway.json";

/**
 * `tasks` in slipway.json: adds to the rules of whatever source there is. A key is a task's name or `PACKAGE#TASK`, and
 * the latter wins field by field. `dependsOn` and `with` are added to those of the rule, all else replaces it.
 */
export function withOwnSettings(
  rules: readonly TaskRule[],
  { texts, packages }: { readonly texts: WorkspaceTexts; readonly packages: readonly WorkspacePackage[] },
  findings: Findings,
): readonly TaskRule[] {
  const text = texts.files.get(file);
  if (text === undefined) return rules;
  const document = parseJson({ file, text, code: "config/malformed" }, "jsonc", findings);
  if (!document) return rules;
  const tasks = tasksIn(document, findings);
  if (tasks === undefined) return rules;
  const settings = readSettings(tasks, { document, packages, findings });
  warnOfStrays(settings, rules, { document, findings });
  return settings.size === 0 ? rules : rules.map((rule) => changedRule(rule, settings, packages));
}

function tasksIn(document: JsonDocument, findings: Findings): unknown {
  const { value } = document;
  if (!isRecord(value)) {
    findings.problems.push(fault(document, [], `${file} must hold an object`));
    return undefined;
  }
  if (value["tasks"] !== undefined) return value["tasks"];
  // All other keys are for whoever needs them.
  const slip = Object.keys(value).find((key) => didYouMean(key, ["tasks"]) !== undefined);
  if (slip !== undefined) {
    const hint = 'did you mean "tasks"?';
    findings.warnings.push({ ...fault(document, [slip], `unknown key "${slip}"`), hint });
  }
  return undefined;
}

type Changes = Partial<
  Pick<
    TaskRule,
    "persistent" | "interruptible" | "parallelism" | "cache" | "readyWhen" | "dependsOn" | "with"
  >
> & { readonly sources: Readonly<Record<string, string>> };

interface Reading {
  readonly document: JsonDocument;
  readonly packages: readonly WorkspacePackage[];
  readonly findings: Findings;
}

function readSettings(tasks: unknown, reading: Reading): Map<string, Changes> {
  const settings = new Map<string, Changes>();
  const fail = (path: readonly string[], message: string): void =>
    void reading.findings.problems.push(fault(reading.document, path, message));
  if (!isRecord(tasks)) {
    fail(["tasks"], '"tasks" must be an object');
    return settings;
  }
  for (const [key, value] of Object.entries(tasks)) {
    if (isRecord(value)) settings.set(key, readChanges(key, value, reading));
    else fail(["tasks", key], `the task "${key}" must be an object`);
  }
  return settings;
}

const flags = ["persistent", "interruptible", "exclusive", "cache"] as const;
const lists = ["dependsOn", "with"] as const;

function readChanges(key: string, value: Readonly<Record<string, unknown>>, reading: Reading): Changes {
  const { document, packages, findings } = reading;
  const fail = (name: string, message: string): void =>
    void findings.problems.push(fault(document, ["tasks", key, name], `${message} (task "${key}")`));
  const changes: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  for (const [name, field] of Object.entries(value)) {
    sources[name] = `${file}:${document.lineOf(["tasks", key, name])}`;
    if (flags.includes(name as (typeof flags)[number])) {
      if (typeof field !== "boolean") fail(name, `"${name}" must be true or false`);
      else if (name === "exclusive") changes["parallelism"] = !field;
      else changes[name] = field;
    } else if (lists.includes(name as (typeof lists)[number])) {
      const needs = Array.isArray(field) && field.every((each) => typeof each === "string" && each !== "");
      if (needs) changes[name] = (field as string[]).map((each) => needOf(each, packages));
      else fail(name, `"${name}" must be a list of texts`);
    } else if (name === "readyWhen") {
      const ready = readReadyWhen(field);
      if (typeof ready === "string") fail(name, ready);
      else if (!ready) fail(name, "readyWhen names no port, url, command or logMatches");
      else changes[name] = ready;
      warnOfKeys(field, ["tasks", key, name], reading);
    } else {
      findings.warnings.push(
        fault(document, ["tasks", key, name], `unknown key "${name}" of the task "${key}"`),
      );
    }
  }
  // Nobody waits for the readiness of a task that ends.
  if (changes["readyWhen"] && value["persistent"] === undefined) changes["persistent"] = true;
  return { ...changes, sources };
}

function warnOfKeys(value: unknown, path: readonly string[], { document, findings }: Reading): void {
  const unknown = isRecord(value) ? Object.keys(value).filter((key) => !readyWhenKeys.includes(key)) : [];
  for (const key of unknown) {
    findings.warnings.push(fault(document, [...path, key], `unknown key "${key}" of readyWhen`));
  }
}

/** A key that no rule answers to is a slip of the pen, and what it says would be missed silently. */
function warnOfStrays(
  settings: ReadonlyMap<string, Changes>,
  rules: readonly TaskRule[],
  { document, findings }: Pick<Reading, "document" | "findings">,
): void {
  const known = new Set(rules.flatMap((rule) => [rule.task, `${rule.package}#${rule.task}`]));
  const stray = (name: string, path: readonly string[]): void => {
    if (known.has(name) || name.startsWith("//#")) return;
    const guess = didYouMean(name, [...known]);
    const hint =
      guess === undefined ? "`slipway show` lists the tasks there are" : `did you mean "${guess}"?`;
    findings.warnings.push({ ...fault(document, path, `there is no task "${name}"`), hint });
  };
  for (const [key, { dependsOn = [], with: beside = [] }] of settings) {
    stray(key, ["tasks", key]);
    for (const need of dependsOn) stray(nameOf(need), ["tasks", key, "dependsOn"]);
    for (const need of beside) stray(nameOf(need), ["tasks", key, "with"]);
  }
}

function nameOf(need: TaskNeed): string {
  return need.kind === "package" ? `${need.package}#${need.task}` : need.task;
}

function changedRule(
  rule: TaskRule,
  settings: ReadonlyMap<string, Changes>,
  packages: readonly WorkspacePackage[],
): TaskRule {
  const isRoot = packages.find(({ name }) => name === rule.package)?.dir === "";
  const keys = [rule.task, `${rule.package}#${rule.task}`, ...(isRoot ? [`//#${rule.task}`] : [])];
  return keys.reduce((base, key) => {
    const changes = settings.get(key);
    if (!changes) return base;
    return {
      ...base,
      ...changes,
      dependsOn: [...base.dependsOn, ...(changes.dependsOn ?? [])],
      with: [...base.with, ...(changes.with ?? [])],
      sources: { ...base.sources, ...changes.sources },
    };
  }, rule);
}

function needOf(text: string, packages: readonly WorkspacePackage[]): TaskNeed {
  if (text.startsWith("^")) return { kind: "dependencies", task: text.slice(1) };
  const at = text.indexOf("#");
  if (at === -1) return { kind: "self", task: text };
  const name = text.slice(0, at);
  const root = packages.find(({ dir }) => dir === "")?.name;
  return { kind: "package", package: name === "//" && root ? root : name, task: text.slice(at + 1) };
}

function fault(document: JsonDocument, path: readonly string[], message: string): Problem {
  return { code: "config/malformed", message, file, line: document.lineOf(path) };
}
