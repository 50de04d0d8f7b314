import { isRecord, sha256, type Json, type Sha256, type TaskId } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import picomatch from "picomatch";
import { dotenvTexts } from "./dotenv.ts";
import { countedValues, looksSecret } from "./environment.ts";
import { keptFingerprint } from "./kept-fingerprint.ts";
import { digestOfFingerprint, type Fingerprint } from "./fingerprint.ts";
import type { InputSnapshot, OutputFile, Processes, WorkTree } from "./ports.ts";
import type { ScriptSettings } from "./script-habits.ts";
import { manifestOf, scriptsOf, type Manifest, type ScriptLines } from "./scripts.ts";

/** What needed tasks give to the fingerprint of those that need them. */
export interface TaskFacts {
  readonly fingerprint: Sha256;
  readonly needs: readonly TaskId[];
  /** True: the task left all as its last run did, so nothing that needs it can have changed by it. */
  readonly untouched: boolean;
  outputs(): readonly OutputFile[];
}

export interface FingerprintSources {
  readonly plan: RunPlan;
  readonly tree: WorkTree;
  readonly processes: Processes;
  readonly trustDomain: string;
  /** Whether the package manager runs pre and post scripts. */
  readonly prePost: boolean;
  /** What the package manager's settings say of every script, and that only it can run them where that is so. */
  readonly scriptSettings: ScriptSettings;
  readonly facts: (id: TaskId) => TaskFacts | undefined;
  /** Answers of `runtime` commands and marks of global files, asked for once a run. */
  readonly once: Map<string, Promise<string>>;
  readonly globals: { snapshot: InputSnapshot | null };
  readonly keyedDigest: (secret: string) => string;
}

export interface TaskFingerprint {
  readonly digest: Sha256;
  /** To keep: digests of this machine stand in it for secrets, so that its own digest may be another. */
  readonly value: Fingerprint;
  /** All that was looked at: the task's own files, the global ones, and JSON files of which only fields count. */
  readonly inputs: InputSnapshot;
  readonly scripts: ScriptLines | null;
  readonly manifest: Manifest | null;
  /** Texts of dotenv files, those that win first. */
  readonly dotenv: readonly string[];
}

/** Takes all inputs of a task as they are now, when what it needs is done. */
export async function fingerprintTask(
  task: PlannedTask,
  sources: FingerprintSources,
  except: ReadonlySet<string>,
): Promise<TaskFingerprint> {
  const { plan, tree, processes } = sources;
  const spec = task.inputSpec;
  const inputs = tree.inputs(spec.files, except);
  const manifest = manifestOf(task, tree);
  const scripts = scriptsOf(task, manifest, sources.prePost);
  const dotenv = dotenvOf(task, sources);
  const value: Fingerprint = {
    format: 1,
    trustDomain: sources.trustDomain,
    task: task.id,
    dir: task.dir,
    command: toJson(scripts ? { ...scripts, ...sources.scriptSettings } : task.action),
    args: task.args,
    outputs: toJson(task.outputSpec),
    files: inputs.marks,
    globalFiles: globalMarks(sources),
    dotenv: dotenv.digests,
    needs: spec.dependencyFingerprints ? needsOf(task, sources) : {},
    dependencyOutputs: dependencyOutputs(task, sources),
    lockfile: task.lockfileClosure,
    json: jsonFields(task, tree),
    runtime: await runtimeAnswers(task, sources),
    values: toJson(spec.values),
    globalValues: toJson(plan.global.values),
    env: environmentOf(task, plan, processes),
    envMode: plan.envMode,
    passThroughEnv: [...new Set([...plan.global.passThroughEnv, ...task.passThroughEnv])].toSorted(),
    platform: { os: processes.platform.os, arch: processes.platform.arch, node: processes.platform.node },
  };
  return {
    digest: digestOfFingerprint(value),
    value: keptFingerprint(value, processes.env, sources.keyedDigest),
    inputs: allInputs(task, [inputs, ...dotenv.snapshots], sources),
    scripts,
    manifest,
    dotenv: dotenv.texts,
  };
}

interface Dotenv {
  readonly texts: readonly string[];
  readonly digests: Readonly<Record<string, Sha256>>;
  readonly snapshots: readonly InputSnapshot[];
}

function dotenvOf(task: PlannedTask, { plan, tree, processes }: FingerprintSources): Dotenv {
  const { source } = plan;
  if (source !== "nx") return { texts: [], digests: {}, snapshots: [] };
  const texts = (): ReadonlyMap<string, string> => dotenvTexts(task, { source, tree, env: processes.env });
  const found = texts();
  const digests = digestsOf(found);
  const files = { include: [...found.keys()], exclude: [], ignored: "include" } as const;
  const seen = found.size > 0 ? tree.inputs([files], new Set()) : noFiles;
  // A link's mark says nothing of the text behind it.
  const marks = Object.fromEntries(
    Object.entries(seen.marks).filter(([, mark]) => !mark.startsWith("link:")),
  );
  const named = task.action?.kind === "commands" ? task.action.envFile : null;
  const absent = named === null || found.has(named) ? noFiles.absent : new Set([named]);
  const snapshot: InputSnapshot = {
    ...seen,
    marks,
    absent,
    changed: () => differing(digests, digestsOf(texts())),
  };
  return { texts: [...found.values()], digests: Object.fromEntries(digests), snapshots: [snapshot] };
}

const noFiles = { marks: {}, dirs: new Set<string>(), absent: new Set<string>(), unreadable: [] };

function digestsOf(texts: ReadonlyMap<string, string>): ReadonlyMap<string, Sha256> {
  return new Map([...texts].map(([path, text]) => [path, sha256(text)]));
}

function differing(before: ReadonlyMap<string, Sha256>, after: ReadonlyMap<string, Sha256>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
}

function allInputs(
  task: PlannedTask,
  own: readonly InputSnapshot[],
  { tree, globals }: FingerprintSources,
): InputSnapshot {
  const paths = task.inputSpec.json.map(({ path }) => path);
  const json = { include: paths, exclude: [], ignored: "include" } as const;
  const all = [
    ...own,
    ...(globals.snapshot ? [globals.snapshot] : []),
    ...(paths.length > 0 ? [tree.inputs([json], new Set())] : []),
  ];
  const [only] = all;
  if (only && all.length === 1) return only;
  return {
    marks: Object.assign({}, ...all.map(({ marks }) => marks)) as InputSnapshot["marks"],
    dirs: new Set(all.flatMap(({ dirs }) => [...dirs])),
    absent: new Set(all.flatMap(({ absent }) => [...absent])),
    unreadable: all.flatMap(({ unreadable }) => unreadable),
    changed: (outputs) => all.flatMap((each) => each.changed(outputs)),
  };
}

/**
 * True: nothing runs, and the task's files count all the same for what needs it. turbo hashes the sources of a package
 * that lacks the script, and `^build` on a package that is used as it stands is how its repositories say that they count.
 */
export function countsThoughEmpty({ action, inputSpec }: PlannedTask): boolean {
  return action === null && inputSpec.dependencyFingerprints && inputSpec.files.length > 0;
}

export function needsOf(task: PlannedTask, { facts }: FingerprintSources): Record<TaskId, Sha256> {
  const pairs = task.needs.toSorted().flatMap((id) => {
    const digest = facts(id)?.fingerprint;
    return digest === undefined ? [] : [[id, digest] as const];
  });
  return Object.fromEntries(pairs);
}

function globalMarks({ plan, tree, globals }: FingerprintSources): Readonly<Record<string, string>> {
  const { files, selectors = [] } = plan.global;
  if (files.length === 0 && selectors.length === 0) return {};
  const named = {
    include: files.filter((glob) => !glob.startsWith("!")),
    exclude: files.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1)),
    ignored: "include",
  } as const;
  globals.snapshot ??= tree.inputs([...(files.length > 0 ? [named] : []), ...selectors], new Set());
  return globals.snapshot.marks;
}

function environmentOf(task: PlannedTask, plan: RunPlan, { env }: Processes): Record<string, string | null> {
  const counted = countedValues(env, [...plan.global.env, ...task.env, ...task.inputSpec.env]);
  return Object.fromEntries(
    Object.entries(counted).map(([name, value]) => [
      name,
      value !== null && looksSecret(name) ? `sha256:${sha256(`${name}=${value}`)}` : value,
    ]),
  );
}

/** Outputs of needed tasks that an input names, by path; the tasks of `from` are found by their package and name. */
function dependencyOutputs(task: PlannedTask, { facts }: FingerprintSources): Record<string, Sha256> {
  const found = new Map<string, Sha256>();
  for (const { globs, transitive, from } of task.inputSpec.dependencyOutputs) {
    const matches = picomatch([...globs], { dot: true });
    for (const id of neededBy(task, transitive, facts)) {
      if (from && !from.some((need) => names(need, id, task))) continue;
      for (const file of facts(id)?.outputs() ?? [])
        if (matches(file.path)) found.set(file.path, file.digest);
    }
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

type Need = NonNullable<PlannedTask["inputSpec"]["dependencyOutputs"][number]["from"]>[number];

function names(need: Need, id: TaskId, task: PlannedTask): boolean {
  if (need.kind === "package") return id === `${need.package}#${need.task}`;
  const isOwn = id === `${task.package}#${need.task}`;
  return need.kind === "self" ? isOwn : !isOwn && id.endsWith(`#${need.task}`);
}

function neededBy(task: PlannedTask, transitive: boolean, facts: FingerprintSources["facts"]): Set<TaskId> {
  const reached = new Set<TaskId>(task.needs);
  if (transitive) for (const id of reached) for (const next of facts(id)?.needs ?? []) reached.add(next);
  return reached;
}

function jsonFields(task: PlannedTask, tree: WorkTree): Record<string, Json> {
  const result: Record<string, Json> = {};
  for (const { path, fields, excludeFields } of task.inputSpec.json) {
    const parsed = parsedOrNull(tree.text(path));
    const kept = fields ?? (isRecord(parsed) ? Object.keys(parsed) : []);
    for (const field of kept) {
      if (!excludeFields.includes(field)) result[`${path}:${field}`] = toJson(at(parsed, field));
    }
  }
  return result;
}

function at(value: unknown, field: string): unknown {
  return field.split(".").reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

function parsedOrNull(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the text itself counts, so that every change of it is one.
    return { "": text };
  }
}

async function runtimeAnswers(
  task: PlannedTask,
  sources: FingerprintSources,
): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const line of task.inputSpec.runtime) {
    const asked = sources.once.get(line) ?? sources.processes.answerOf(line);
    sources.once.set(line, asked);
    result[line] = await asked;
  }
  return result;
}

function toJson(value: unknown): Json {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json);
}
