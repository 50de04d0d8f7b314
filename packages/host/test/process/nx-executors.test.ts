import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NxExecutors } from "../../src/nx/nx-executors.ts";
import type { TaskProcess } from "../../src/process/task-process.ts";

/** An nx with the parts that are used, whose targets are what its one executor does. */
const nx = {
  "command-line/run/run": `
    const does = {
      tell: async () => { console.log(process.pid, process.env.NAME, process.argv.length); console.error("aside"); return true; },
      move: async () => { process.chdir("/"); process.env.NAME = "changed"; process.exitCode = 9; process.on("SIGINT", () => {}); return true; },
      fail: async () => false,
      throws: async () => { throw new Error("no such option"); },
      exit: async () => process.exit(3),
      where: async () => { console.log(process.cwd()); return true; },
      hang: async () => { console.log("hanging"); await new Promise((r) => setTimeout(r, 60_000)); },
      graph: async (_, context) => { console.log(context.projectGraph.from, JSON.stringify(context.taskGraph)); return true; },
    };
    exports.runExecutor = async function* ({ target }, overrides, context) {
      if (target === "returns") return { success: true };
      if (target === "takesBack") { yield { success: true }; return { success: false }; }
      yield { success: await does[target](overrides, context) };
    };`,
  "project-graph/project-graph": `
    exports.readCachedProjectGraph = () => ({ from: "kept", nodes: {} });
    exports.createProjectGraphAsync = async () => ({ from: "made", nodes: {} });
    exports.readProjectsConfigurationFromProjectGraph = () => ({ projects: {} });`,
  "config/configuration": "exports.readNxJson = () => ({});",
  "tasks-runner/create-task-graph":
    "exports.createTaskGraph = (g, e, [project], [target]) => ({ roots: [`${project}:${target}`] });",
  "utils/command-line-utils": "exports.createOverrides = (args) => ({ args });",
};

let root = "";
let executors: NxExecutors;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "nx executors-"));
  install(nx);
  executors = openExecutors(true);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function openExecutors(isKnown: boolean): NxExecutors {
  return new NxExecutors({ root, dataDir: join(root, "data"), graphIsKnown: () => isKnown });
}

function install(modules: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries({ ...modules, "../package": "" })) {
    const file = join(root, "node_modules/nx/src", path === "../package" ? "../package.json" : `${path}.js`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, path === "../package" ? '{ "name": "nx" }' : text);
  }
}

interface Ran {
  readonly process: TaskProcess;
  readonly done: Promise<{ readonly exitCode: number | null; readonly out: string; readonly error: string }>;
  seen(text: string): Promise<void>;
}

function start(target: string, env: Readonly<Record<string, string>> = {}): Ran {
  const text = { 1: "", 2: "" };
  let told = (): void => {};
  const started = executors.start({
    call: { project: "app", target, configuration: null, args: [] },
    line: "echo started $NAME",
    shell: null,
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", NAME: "none", ...env },
    onOutput: (stream, piece) => {
      text[stream] += piece;
      told();
    },
  });
  return {
    process: started,
    done: started.ended.then(({ exitCode }) => ({ exitCode, out: text[1], error: text[2] })),
    seen: (wanted) =>
      new Promise((resolve) => {
        told = () => text[1].includes(wanted) && resolve();
        told();
      }),
  };
}

test("tasks one after the other share a process; each has its own variables and its own output", async () => {
  const one = await start("tell", { NAME: "one" }).done;
  const two = await start("tell", { NAME: "two" }).done;
  const pid = one.out.split(" ")[0];
  expect([one, two]).toEqual([
    { exitCode: 0, out: `${pid} one 2\n`, error: "aside\n" },
    { exitCode: 0, out: `${pid} two 2\n`, error: "aside\n" },
  ]);
});

test("what an executor returns counts, and before what it said while it ran", async () => {
  expect(await start("returns").done).toMatchObject({ exitCode: 0 });
  expect(await start("takesBack").done).toMatchObject({ exitCode: 1 });
});

test("tasks side by side have a process each", async () => {
  const [one, two] = await Promise.all([start("tell").done, start("tell").done]);
  expect(one.out).not.toBe(two.out);
});

test("other options of node need another process", async () => {
  const one = await start("tell").done;
  const two = await start("tell", { NODE_OPTIONS: "--no-deprecation" }).done;
  expect(one.out.split(" ")[0]).not.toBe(two.out.split(" ")[0]);
});

test("a task that fails, throws or ends the process fails alone", async () => {
  expect(await start("fail").done).toMatchObject({ exitCode: 1 });
  expect(await start("throws").done).toMatchObject({ exitCode: 1, error: "no such option\n" });
  expect(await start("exit").done).toMatchObject({ exitCode: 3 });
  expect(await start("tell").done).toMatchObject({ exitCode: 0, error: "aside\n" });
});

test("what a task changes of its process is as before for the next", async () => {
  const before = await start("tell").done;
  await start("move").done;
  expect(await start("where").done).toMatchObject({ exitCode: 0, out: `${root}\n` });
  expect((await start("tell").done).out).toBe(before.out);
});

test("a task is stopped with its process, and the next has a new one", async () => {
  const hanging = start("hang");
  await hanging.seen("hanging");
  hanging.process.stop();
  expect((await hanging.done).exitCode).not.toBe(0);
  expect(await start("tell").done).toMatchObject({ exitCode: 0 });
});

test("executors get the graph that nx was asked for, and the one that nx makes where it was not asked", async () => {
  const roots = '{"roots":["app:graph"]}';
  expect((await start("graph").done).out).toBe(`kept ${roots}\n`);
  executors = openExecutors(false);
  expect((await start("graph").done).out).toBe(`made ${roots}\n`);
});

test("an nx without these parts is started for each task", async () => {
  rmSync(join(root, "node_modules"), { recursive: true });
  install({ "command-line/run/run": "exports.other = 1;" });
  expect(await start("tell", { NAME: "one" }).done).toEqual({ exitCode: 0, out: "started one\n", error: "" });
  expect(await start("tell", { NAME: "two" }).done).toEqual({ exitCode: 0, out: "started two\n", error: "" });
});
