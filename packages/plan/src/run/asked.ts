import { didYouMean, type PackageName, type Problem } from "@slipway/kernel";
import type { RuleIndex } from "./rule-index.ts";

/** One task name from the command line, understood. */
export interface AskedTask {
  /** As typed. */
  readonly text: string;
  readonly task: string;
  /** Set by `pkg#task` and `app:task`; null asks for the task in every selected package. */
  readonly package: PackageName | null;
  /** Set by `app:task:configuration`. */
  readonly configuration: string | null;
}

/**
 * Reads `build`, `pkg#build`, `//#lint`, `app:build` and `app:build:production`. A name that is a task as it stands
 * (`test:types`) wins over its reading as package and task.
 */
export function readAsked(text: string, rules: RuleIndex): AskedTask | Problem {
  if (text.includes("#")) return readQualified(text, rules);
  if (rules.taskNames.has(text)) return { text, task: text, package: null, configuration: null };
  const byColon = readColons(text, rules);
  if (byColon) return byColon;
  return unknownTask(text, rules.taskNames);
}

export function isProblem(value: AskedTask | Problem): value is Problem {
  return "code" in value;
}

function readQualified(text: string, rules: RuleIndex): AskedTask | Problem {
  const at = text.indexOf("#");
  const name = text.slice(0, at);
  const task = text.slice(at + 1);
  const packageName = name === "//" ? rules.rootName : rules.packageCalled(name);
  if (packageName === null) return unknownPackage(name, rules.packageNames);
  if (rules.rule(packageName, task)) return { text, task, package: packageName, configuration: null };
  return unknownTask(task, rules.tasksOf(packageName), name);
}

/** A package's and a task's name may hold colons themselves, so every place to split is tried, the longest package name first. */
function readColons(text: string, rules: RuleIndex): AskedTask | null {
  for (let at = text.lastIndexOf(":"); at > 0; at = text.lastIndexOf(":", at - 1)) {
    const packageName = rules.packageCalled(text.slice(0, at));
    if (packageName === null) continue;
    const rest = text.slice(at + 1);
    if (rules.rule(packageName, rest)) {
      return { text, task: rest, package: packageName, configuration: null };
    }
    const split = rest.lastIndexOf(":");
    const task = rest.slice(0, split);
    const configuration = rest.slice(split + 1);
    const rule = split > 0 ? rules.rule(packageName, task) : undefined;
    if (rule?.configurations.includes(configuration)) {
      return { text, task, package: packageName, configuration };
    }
  }
  return null;
}

export function unknownTask(task: string, known: Iterable<string>, inPackage?: string): Problem {
  const names = [...known].toSorted();
  const guess = didYouMean(task, names);
  const where =
    inPackage === undefined ? "No package of this workspace" : `The package ${inPackage} does not`;
  const verb = inPackage === undefined ? "has" : "have";
  const hint = guess
    ? `Did you mean "${guess}"?`
    : names.length > 0
      ? `There is: ${listed(names)}.`
      : inPackage === undefined
        ? "No task is defined: add a script to a package.json."
        : "It has none: add a script to its package.json.";
  return { code: "task/unknown", message: `${where} ${verb} a task "${task}".`, hint };
}

export function unknownPackage(name: string, known: Iterable<string>): Problem {
  const names = [...known].toSorted();
  const guess = didYouMean(name, names);
  const hint = guess ? `Did you mean "${guess}"?` : `There is: ${listed(names)}.`;
  return { code: "package/unknown", message: `No package of this workspace is called "${name}".`, hint };
}

const listedAtMost = 12;

function listed(names: readonly string[]): string {
  const rest = names.length - listedAtMost;
  const first = names.slice(0, listedAtMost).join(", ");
  return rest > 0 ? `${first} and ${String(rest)} more` : first;
}
