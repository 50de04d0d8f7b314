import { closure, isRecord, type PackageName } from "@slipway/kernel";
import type { Findings } from "../../parse/findings.ts";
import { rootName } from "../../packages/read-packages.ts";
import type { WorkspaceTexts } from "../../texts.ts";
import type {
  FileSelector,
  TaskAction,
  TaskConfiguration,
  TaskNeed,
  TaskRule,
  WorkspacePackage,
} from "../../types.ts";
import { anchored, ruleOf } from "../rule.ts";
import { frameworkEnv } from "./frameworks.ts";
import { mergeTasks } from "./merge-tasks.ts";
import { readTurboFile, type TurboFile, type TurboTask } from "./turbo-file.ts";
import { checkNames, checkTogether, taskFaults } from "./turbo-checks.ts";
import { turboGlobals, type TurboGlobals } from "./turbo-globals.ts";
import type { TaskFields } from "./task-fields.ts";
import { defaultToken, leavesRepository, turboInputs, turboOutputs } from "./turbo-inputs.ts";

type Rules = Omit<TaskConfiguration, "source" | "because" | "others">;

/** Rules of turbo.json and of the packages' own, for each package and each task that it has. */
export function turboRules(
  texts: WorkspaceTexts,
  packages: readonly WorkspacePackage[],
  findings: Findings,
): TurboReading | null {
  const rootFile = readTurboFile("", texts, findings);
  if (!rootFile) return null;
  const files = new Map<PackageName, TurboFile>();
  for (const { name, dir } of packages) {
    const file = dir === "" ? null : readTurboFile(dir, texts, findings);
    if (file) files.set(name, file);
  }
  const globals = turboGlobals(rootFile, findings);
  const root = packages.find((each) => each.dir === "");
  const rootPackage = root?.name ?? rootName;
  const needOf = (text: string): TaskNeed => need(text, rootPackage);
  const reading: Reading = { rootFile, files, globals, packages, findings, shared: new Map(), needOf };
  checkNames(reading);
  const follows = ["dependencies", "devDependencies", "optionalDependencies"] as const;
  const selectors = rootPackageSources(packages, new Set<string>(follows));
  const rules: Rules = {
    rules: packages.flatMap((each) => packageRules(each, reading)),
    ...(texts.rootTurboJson === undefined ? {} : { declaredIn: [rootFile.file] }),
    ...(globals.concurrency === undefined ? {} : { concurrency: globals.concurrency }),
    ...(globals.asksOnlyRunning ? { asksOnlyRunning: true } : {}),
    follows,
    envMode: globals.envMode,
    global: { ...globals.inputs, values: { ...globals.inputs.values, ...enginesOf(root) }, selectors },
  };
  return { rules, packages: packages.map((each) => tagged(each, reading)) };
}

/** What the root says of the Node that is needed is part of turbo's global hash. */
function enginesOf(root: WorkspacePackage | undefined): { readonly engines?: unknown } {
  const engines = root?.manifest["engines"];
  return isRecord(engines) ? { engines } : {};
}

export interface TurboReading {
  readonly rules: Rules;
  /** With the tags that turbo's files give them. */
  readonly packages: readonly WorkspacePackage[];
}

function tagged(one: WorkspacePackage, { rootFile, files }: Reading): WorkspacePackage {
  const { tags = [] } = (one.dir === "" ? rootFile : files.get(one.name)) ?? {};
  return tags.length === 0 ? one : { ...one, tags };
}

interface Reading {
  readonly rootFile: TurboFile;
  readonly files: ReadonlyMap<PackageName, TurboFile>;
  readonly globals: TurboGlobals;
  readonly packages: readonly WorkspacePackage[];
  readonly findings: Findings;
  readonly shared: Map<TurboTask, TaskRule>;
  readonly needOf: (text: string) => TaskNeed;
}

function packageRules(owner: WorkspacePackage, reading: Reading): TaskRule[] {
  const { rootFile } = reading;
  const extended = owner.dir === "" ? [] : extendedFiles(owner.name, reading);
  const names = new Set<string>();
  for (const key of rootFile.tasks.keys()) {
    const at = key.indexOf("#");
    const packageName = at === -1 ? null : key.slice(0, at);
    if (packageName === null ? owner.dir !== "" : isNamed(owner, packageName)) names.add(key.slice(at + 1));
  }
  for (const file of extended) for (const key of file.tasks.keys()) if (!key.includes("#")) names.add(key);
  const framework = frameworkEnv(owner.manifest);
  return [...names].flatMap((task) => {
    const own = rootFile.tasks.get(`${owner.dir === "" ? rootName : owner.name}#${task}`);
    const chain = [
      own ?? (owner.dir === "" ? undefined : rootFile.tasks.get(task)),
      ...extended.map((file) => file.tasks.get(task)),
    ];
    const merged = mergeTasks(chain.filter((each) => each !== undefined));
    return merged ? [turboRule({ owner, task, merged, framework }, reading)] : [];
  });
}

function isNamed(owner: WorkspacePackage, name: string): boolean {
  return owner.dir === "" ? name === rootName : owner.name === name;
}

/** The files whose tasks a package inherits, the root's excepted, each once and its own last. */
function extendedFiles(name: PackageName, reading: Reading): readonly TurboFile[] {
  const seen = new Set<PackageName>();
  const found: TurboFile[] = [];
  const visit = (each: PackageName): void => {
    const file = reading.files.get(each);
    if (!file || seen.has(each)) return;
    seen.add(each);
    for (const base of file.extends) if (base !== rootName) visit(base);
    found.push(file);
  };
  visit(name);
  return found;
}

interface Merged {
  readonly owner: WorkspacePackage;
  readonly task: string;
  readonly merged: TurboTask;
  readonly framework: readonly string[];
}

function turboRule({ owner, task, merged, framework }: Merged, reading: Reading): TaskRule {
  const { fields } = merged;
  const { needOf } = reading;
  const isScript = Object.hasOwn(owner.scripts, task) && owner.scripts[task] !== "";
  const action = isScript
    ? ({ kind: "script", script: task } as const)
    : ownCommand({ owner, task, merged }, reading);
  const shared = sharedRule(merged, reading);
  const outside = (fields.outputs ?? []).find((glob) => leavesRepository(owner.dir, glob));
  if (outside !== undefined) warnOfOutside(`${owner.name}#${task}`, { outside, merged }, reading);
  return {
    ...shared,
    package: owner.name,
    task,
    action,
    // What lies out there can't be put back, so that a hit would leave it as it is.
    cache: shared.cache && outside === undefined,
    inputs: turboInputs(owner.dir, inputsOf(fields), {
      // turbo adds them to what runs; where nothing does, only the package's own files count for those that need it.
      globalInputs: action === null ? [] : reading.globals.globalInputs,
      needOf,
    }),
    outputs: turboOutputs(owner.dir, fields.outputs ?? []),
    env: framework.length === 0 ? (fields.env ?? []) : [...new Set([...framework, ...(fields.env ?? [])])],
  };
}

function warnOfOutside(
  id: string,
  { outside, merged }: { readonly outside: string; readonly merged: TurboTask },
  { findings }: Reading,
): void {
  const [file = "turbo.json", line] = (merged.sources["outputs"] ?? "").split(":");
  const message = `"${outside}" in the outputs of ${id} leads out of the repository, so its results are not stored`;
  findings.warnings.push({ code: "config/malformed", message, file, line: Number(line) || 1 });
}

function inputsOf({ inputs = [], dotEnv }: TaskFields): NonNullable<TaskFields["inputs"]> {
  if (!dotEnv || dotEnv.length === 0) return inputs;
  return [...(inputs.length > 0 ? inputs : [defaultToken]), ...dotEnv];
}

/** What turbo.json itself says to run where the package has no such script; only turbo's flag makes it count. */
function ownCommand(
  { owner, task, merged }: Omit<Merged, "framework">,
  { globals, findings }: Reading,
): TaskAction | null {
  const { command } = merged.fields;
  const words = isRecord(command) ? command["javascript"] : command;
  if (words === undefined || words === null) return null;
  const isWords = Array.isArray(words) && words.length > 0 && words.every((each) => typeof each === "string");
  if (!globals.taskCommands || !isWords) {
    const [file = "turbo.json", line] = (merged.sources["command"] ?? "").split(":");
    const instead = isWords ? "needs futureFlags.experimentalTaskCommand" : "must be a list of words";
    const message = `"command" of the task "${task}" ${instead}, so it is not run, in ${file}`;
    if (!findings.warnings.some((each) => each.message === message)) {
      findings.warnings.push({ code: "config/malformed", message, file, line: Number(line) || 1 });
    }
    return null;
  }
  const line = words.map(quotedWord).join(" ");
  const nothing = { env: {}, envFile: null, readyWhen: [] };
  return { kind: "commands", commands: [line], parallel: false, cwd: owner.dir, ...nothing };
}

/** The words go to the program as they are: no shell reads them. */
function quotedWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What is the same in all packages that inherit one declaration. */
function sharedRule(merged: TurboTask, reading: Reading): TaskRule {
  const before = reading.shared.get(merged);
  if (before) return before;
  const { fields, sources } = merged;
  checkTogether(merged, reading);
  const persistent = fields.persistent ?? false;
  const faults = taskFaults(merged);
  const made = ruleOf({
    package: "",
    task: "",
    dependsOn: (fields.dependsOn ?? []).filter((each) => !each.startsWith("$")).map(reading.needOf),
    with: (fields.with ?? []).map(reading.needOf),
    cache: fields.cache ?? true,
    persistent,
    interactive: fields.interactive ?? persistent,
    interruptible: fields.interruptible ?? false,
    outputLogs: fields.outputLogs ?? fields.outputMode ?? "full",
    declaredInputs: (fields.inputs ?? []).map((each) =>
      typeof each === "string" ? each : JSON.stringify(each),
    ),
    declaredOutputs: fields.outputs ?? [],
    passThroughEnv: fields.passThroughEnv ?? [],
    ...(faults.length > 0 ? { faults } : {}),
    sources,
  });
  reading.shared.set(merged, made);
  return made;
}

function need(text: string, rootPackage: PackageName): TaskNeed {
  if (text.startsWith("^")) return { kind: "dependencies", task: text.slice(1) };
  const at = text.indexOf("#");
  if (at === -1) return { kind: "self", task: text };
  const name = text.slice(0, at);
  return { kind: "package", package: name === rootName ? rootPackage : name, task: text.slice(at + 1) };
}

/** Sources of the workspace's packages that the root itself depends on: its tools reach every task. */
function rootPackageSources(
  packages: readonly WorkspacePackage[],
  follows: ReadonlySet<string>,
): FileSelector[] {
  const edges = (each: WorkspacePackage): string[] =>
    each.edges.filter((edge) => follows.has(edge.kind) && !edge.fromRegistry).map((edge) => edge.to);
  const root = packages.find((each) => each.dir === "");
  if (!root) return [];
  const reached = closure(new Map(packages.map((each) => [each.name, edges(each)])), edges(root));
  const dirs = packages.filter((each) => each.dir !== "" && reached.has(each.name)).map((each) => each.dir);
  return dirs.map((dir) => ({ include: [anchored(dir, "**")], exclude: [], ignored: "respect" }));
}
