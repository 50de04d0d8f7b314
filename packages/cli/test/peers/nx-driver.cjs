/**
 * Answers many questions with nx's own modules in one process: a start of `nx` takes more than a second.
 * Runs in the workspace; questions as JSON on stdin, answers as JSON on stdout.
 */
const { join } = require("node:path");
const nx = (path) => require(join(process.cwd(), "node_modules/nx/dist/src", path));

const { createProjectGraphAsync } = nx("project-graph/project-graph.js");
const { createTaskGraph } = nx("tasks-runner/create-task-graph.js");
const { findCycle } = nx("tasks-runner/task-graph-utils.js");
const { projectsToRun } = nx("command-line/run-many/run-many.js");
const { findMatchingProjects } = nx("utils/find-matching-projects.js");
const { createTaskPlanningContext } = nx("hasher/task-planning-context.js");
const { createTaskHasher } = nx("hasher/create-task-hasher.js");
const { HashPlanInspector } = nx("hasher/hash-plan-inspector.js");
const { readNxJson } = nx("config/nx-json.js");
const { calculateFileChanges } = nx("project-graph/file-utils.js");
const { filterAffected } = nx("project-graph/affected/affected-project-graph.js");
const { computeAffectedTasks } = nx("project-graph/affected/affected-tasks.js");

/** nx's name for what stands after `--`. */
const typed = "__overrides_unparsed__";

async function main() {
  const {
    graphs,
    plans = [],
    matches = [],
    affected = [],
    inputs = [],
    hashes = [],
  } = JSON.parse(await text(process.stdin));
  if (graphs) return process.stdout.write(JSON.stringify({ projects: {}, graphs: graphs.map(planOfGraph) }));
  const graph = await createProjectGraphAsync({ exitOnError: true });
  const nxJson = readNxJson();
  const answer = {
    projects: Object.fromEntries(Object.values(graph.nodes).map(({ name, data }) => [name, data.root])),
    plans: plans.map((question) => plan(question, graph, nxJson)),
    matches: matches.map((patterns) => findMatchingProjects([...patterns], graph.nodes)),
    affected: [],
    inputs: inputs.length > 0 ? await inputFiles(inputs, graph, nxJson) : [],
    hashes: [],
  };
  for (const question of hashes) answer.hashes.push(await hashesOf(question, graph, nxJson));
  for (const question of affected) answer.affected.push(await affectedBy(question, graph, nxJson));
  process.stdout.write(JSON.stringify(answer));
}

/** A graph that was never on disk: only what comes from `dependsOn` is of interest. */
function planOfGraph({ graph, targets, configuration }) {
  const names = Object.keys(graph.nodes).filter((name) =>
    targets.some((target) => graph.nodes[name].data.targets[target]),
  );
  try {
    const tasks = createTaskGraph(graph, {}, names, targets, configuration, {}, false);
    const cycle = findCycle(tasks);
    if (cycle) return { fails: cycle.join(" -> ") };
    return { tasks: Object.values(tasks.tasks).map((task) => taskOf(task, tasks)) };
  } catch (error) {
    return { fails: error.message };
  }
}

function plan(question, graph, nxJson) {
  const { targets, projects = [], exclude = [], configuration, args = [] } = question;
  const { excludeTaskDependencies = false } = question;
  const overrides = { [typed]: args };
  try {
    const asked = projectsToRun(
      { all: projects.length === 0, projects: [...projects], exclude: [...exclude], targets },
      graph,
    );
    const names = asked.map(({ name }) => name);
    const tasks = createTaskGraph(
      graph,
      {},
      names,
      targets,
      configuration,
      overrides,
      excludeTaskDependencies,
    );
    const cycle = findCycle(tasks);
    if (cycle) return { fails: cycle.join(" -> ") };
    const { planner } = createTaskPlanningContext(graph, nxJson);
    return {
      tasks: Object.values(tasks.tasks).map((task) => ({ ...taskOf(task, tasks), runs: runs(task, graph) })),
      inputs: planner.getPlans(Object.keys(tasks.tasks), tasks),
    };
  } catch (error) {
    return { fails: error.message };
  }
}

/** Without its plugins a project may only have what is left to say of an inferred target. */
function runs({ target: { project, target } }, graph) {
  const { executor } = graph.nodes[project].data.targets[target];
  return executor !== undefined && executor !== "nx:noop";
}

function taskOf(
  { id, target, outputs, cache, parallelism, continuous, overrides },
  { dependencies, continuousDependencies },
) {
  const needs = [...dependencies[id], ...continuousDependencies[id]].map((edge) => edge.id);
  const args = overrides[typed] ?? [];
  return { id, ...target, outputs, cache, parallelism, continuous, needs, args };
}

async function affectedBy({ base, head, files, targets }, graph, nxJson) {
  const touchedFiles = calculateFileChanges(files, { base, head });
  const projects = await filterAffected(graph, touchedFiles, nxJson);
  const answer = { projects: Object.keys(projects.nodes) };
  if (!targets) return answer;
  const selection = await computeAffectedTasks({
    projectGraph: graph,
    nxJson,
    targets,
    touchedFiles,
    fileChangeArgs: { base, head },
  });
  return { ...answer, tasks: [...selection.affectedTaskIds], run: selection.taskSelection.taskIds };
}

/** By task id: what nx would look up in its cache. */
async function hashesOf({ targets }, graph, nxJson) {
  const names = Object.keys(graph.nodes).filter((name) =>
    targets.some((target) => graph.nodes[name].data.targets?.[target]),
  );
  const tasks = createTaskGraph(graph, {}, names, targets, undefined, {}, false);
  const list = Object.values(tasks.tasks);
  const environments = Object.fromEntries(list.map(({ id }) => [id, process.env]));
  const hashes = await createTaskHasher(graph, nxJson, {}).hashTasks(list, tasks, environments);
  return Object.fromEntries(list.map(({ id }, at) => [id, (hashes[at] ?? hashes[id]).value]));
}

async function inputFiles(tasks, graph, nxJson) {
  const inspector = new HashPlanInspector(graph, process.cwd(), nxJson);
  await inspector.init();
  return tasks.map(({ project, target }) => {
    const found = inspector.inspectTaskInputs({ project, target }, {}, {}, true);
    return found[`${project}:${target}`]?.files ?? [];
  });
}

async function text(stream) {
  let all = "";
  for await (const chunk of stream) all += chunk;
  return all;
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
