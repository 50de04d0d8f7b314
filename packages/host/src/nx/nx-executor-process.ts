// A process that carries out tasks of executors with a repository's own nx, one after the other: nx and what its
// executors load are loaded once. Started by NxExecutors, by name; it imports nothing of the house.
import { createRequire } from "node:module";
import { join } from "node:path";

/** One task of an executor. */
export interface ExecutorCall {
  /** As nx calls it. */
  readonly project: string;
  readonly target: string;
  readonly configuration: string | null;
  /** What stood after `--`. */
  readonly args: readonly string[];
  /** Above those that the target declares. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface ExecutorOrder extends ExecutorCall {
  /** Absolute. */
  readonly root: string;
  /** All that the task sees. */
  readonly env: Readonly<Record<string, string>>;
  /** True: the folder of nx's own data holds the project graph of this moment. */
  readonly graphIsKnown: boolean;
  /** Written to both streams when the task has ended: what comes after it is another task's. */
  readonly endMark: string;
}

export type ExecutorReport =
  | { readonly kind: "ended"; readonly exitCode: number; readonly memoryBytes: number }
  /** This nx has no such parts: nothing was run. */
  | { readonly kind: "unable"; readonly because: string };

const signals = ["SIGINT", "SIGTERM", "SIGHUP", "unhandledRejection", "uncaughtException"] as const;
const writeOut = process.stdout.write.bind(process.stdout);
const writeError = process.stderr.write.bind(process.stderr);

// Each task adds its own listeners for the end of the process.
process.setMaxListeners(0);
process.on("disconnect", () => process.exit());
process.on("message", (order: ExecutorOrder) => void carryOut(order));

async function carryOut(order: ExecutorOrder): Promise<void> {
  takeEnvironment(order.env);
  const dir = process.cwd();
  let nx: NxParts;
  try {
    nx = partsOfNx(order.root);
  } catch (error) {
    return report({ kind: "unable", because: (error as Error).message });
  }
  let exitCode = 1;
  try {
    exitCode = (await succeeds(nx, order)) ? 0 : 1;
  } catch (error) {
    const { stack, message } = error as Error;
    writeError(`${order.env["NX_VERBOSE_LOGGING"] === "true" ? stack : message}\n`);
  }
  process.chdir(dir);
  process.exitCode = undefined;
  for (const name of signals) process.removeAllListeners(name);
  await Promise.all([written(writeOut, order.endMark), written(writeError, order.endMark)]);
  report({ kind: "ended", exitCode, memoryBytes: process.memoryUsage.rss() });
}

function takeEnvironment(env: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(env, name)) delete process.env[name];
  Object.assign(process.env, env);
}

function written(write: typeof process.stdout.write, text: string): Promise<void> {
  return new Promise((resolve) => write(text, () => resolve()));
}

function report(value: ExecutorReport): void {
  process.send?.(value);
}

/** What is used of nx. The same paths since nx 16; source: nx, bin/run-executor and tasks-runner/batch/run-batch. */
interface NxParts {
  runExecutor(
    target: object,
    overrides: object,
    context: object,
  ): Promise<AsyncIterator<Step, Step | undefined>>;
  readCachedProjectGraph(): ProjectGraph;
  createProjectGraphAsync(options: object): Promise<ProjectGraph>;
  readProjectsConfigurationFromProjectGraph(graph: ProjectGraph): object;
  readNxJson(): object;
  createTaskGraph(...question: readonly unknown[]): object;
  createOverrides(args: readonly string[]): object;
}

interface ProjectGraph {
  readonly nodes: object;
}

let parts: NxParts | null = null;
let knownGraph: ProjectGraph | null = null;

function partsOfNx(root: string): NxParts {
  if (parts) return parts;
  const load = createRequire(join(root, "package.json"));
  const loaded = Object.assign(
    {},
    ...[
      "command-line/run/run",
      "project-graph/project-graph",
      "config/configuration",
      "tasks-runner/create-task-graph",
      "utils/command-line-utils",
    ].map((path) => load(`nx/src/${path}`) as object),
  ) as Partial<NxParts>;
  const missing = names.filter((name) => typeof loaded[name] !== "function");
  if (missing.length > 0) throw new Error(`this nx has no ${missing.join(", ")}`);
  parts = loaded as NxParts;
  return parts;
}

const names = [
  "runExecutor",
  "readCachedProjectGraph",
  "createProjectGraphAsync",
  "readProjectsConfigurationFromProjectGraph",
  "readNxJson",
  "createTaskGraph",
  "createOverrides",
] as const satisfies readonly (keyof NxParts)[];

interface Step {
  readonly success: boolean;
}

/** An executor says once or several times how it goes: the last word counts, what it returns before what it yielded. */
async function succeeds(nx: NxParts, order: ExecutorOrder): Promise<boolean> {
  const { project, target, configuration, args, options, root } = order;
  knownGraph ??= order.graphIsKnown
    ? nx.readCachedProjectGraph()
    : await nx.createProjectGraphAsync({ exitOnError: false });
  const graph = knownGraph;
  const description = { project, target, ...(configuration === null ? {} : { configuration }) };
  const steps = await nx.runExecutor(
    description,
    { ...options, ...nx.createOverrides(args) },
    {
      root,
      cwd: root,
      isVerbose: order.env["NX_VERBOSE_LOGGING"] === "true",
      projectGraph: graph,
      projectsConfigurations: nx.readProjectsConfigurationFromProjectGraph(graph),
      nxJsonConfiguration: nx.readNxJson(),
      taskGraph: taskGraphOf(nx, graph, order),
    },
  );
  let last: Step | undefined;
  for (;;) {
    const { done, value } = await steps.next();
    last = value ?? last;
    if (done) return last?.success === true;
  }
}

/** Some executors look at the tasks that theirs needs; a circle among those is no matter of theirs. */
function taskGraphOf(nx: NxParts, graph: ProjectGraph, order: ExecutorOrder): object | undefined {
  const { project, target, configuration, args } = order;
  const overrides = nx.createOverrides(args);
  try {
    return nx.createTaskGraph(graph, {}, [project], [target], configuration ?? undefined, overrides);
  } catch {
    return undefined;
  }
}
