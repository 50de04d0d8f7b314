import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTaskProcess, type TaskProcessEnd } from "../../src/process/task-process.ts";
import { TaskSpawner, type SpawnedSpec } from "../../src/process/task-spawner.ts";

const hasHelper = process.platform === "linux" && existsSync("/usr/bin/perl");
const home = mkdtempSync(join(tmpdir(), "slipway-spawner-"));
const pipes = join(home, "pipes");
const spawner = new TaskSpawner(pipes);

const env = { PATH: process.env["PATH"] ?? "", "odd-name": "a=b\nc", EMPTY: "", UMLAUT: "ü" };

interface Ran extends TaskProcessEnd {
  readonly out: string;
  readonly err: string;
  readonly pids: readonly number[];
}

function specOf(line: string, over: Partial<SpawnedSpec> = {}): SpawnedSpec {
  return { line, shell: null, cwd: home, env, lockFile: null, onOutput: () => {}, ...over };
}

async function ran(start: typeof spawned, spec: SpawnedSpec): Promise<Ran> {
  const texts = { 1: "", 2: "" };
  const pids: number[] = [];
  const { ended } = start({
    ...spec,
    onOutput: (stream, text) => void (texts[stream] += text),
    onStarted: (pid) => pids.push(pid),
  });
  return { ...(await ended), out: texts[1], err: texts[2], pids };
}

function spawned(spec: SpawnedSpec): ReturnType<typeof startTaskProcess> {
  const task = spawner.start(spec);
  if (!task) throw new Error("the helper is not there");
  return task;
}

describe.runIf(hasHelper)("a task that a helper started", () => {
  beforeAll(async () => {
    execFileSync("/usr/bin/mkfifo", [join(home, "fifo")]);
    mkdirSync(join(home, "real"));
    symlinkSync("real", join(home, "link"));
    writeFileSync(join(home, "not-executable"), "");
    writeFileSync(join(home, "says-nothing"), 'echo "$0 $# $PWD"\n', { mode: 0o755 });
    while (!spawner.start(specOf("true"))) await delay(5);
  });
  afterAll(async () => {
    await spawner.close();
    rmSync(home, { recursive: true });
  });

  test.each([
    ["its exit code", "exit 3"],
    ["the signal that ended it", "kill -TERM $$"],
    ["its environment, also names that no shell knows", "tr '\\0' '\\n' </proc/self/environ | sort"],
    ["its directory", "pwd; echo $PWD"],
    ["a stdin without an end to wait for", "cat; echo read"],
    [
      "no signal that is ignored or blocked",
      "while read -r name mask; do case $name in Sig[BI]*) echo $mask; esac; done </proc/$$/status",
    ],
    ["its mask, limits and nice value", "umask; ulimit -a; nice"],
    ["both streams", "echo out; echo err >&2"],
    ["output that fills its pipe many times", "seq 1 100000"],
    ["a program that the shell lacks", "no-such-program"],
    ["a program that may not be run", "./not-executable"],
    ["a script that does not say what runs it", "./says-nothing one two"],
    ["its arguments, started without a shell", "/usr/bin/printf  %s=%s,\ta-b/../c:+@  "],
  ])("has as one that was started directly: %s", async (_, line) => {
    const [one, other] = await Promise.all([ran(spawned, specOf(line)), ran(startTaskProcess, specOf(line))]);
    expect({ ...one, pids: [] }).toEqual({ ...other, pids: [] });
    expect(one.pids).toHaveLength(1);
  });

  test.each<[string, Record<string, string>]>([
    ["the directory's name, where it was given one that leads there", { PWD: join(home, "link") }],
    ["the directory's name instead of another's", { PWD: "/" }],
    ["the directory's name instead of one that is relative", { PWD: "." }],
    ["no names that no shell knows, none twice", { "new-name": "a", "1A": "b", OLDPWD: "/nowhere", _: "c" }],
    ["what dash makes of its own variables", { IFS: ",", OPTIND: "5", PPID: "1", PS4: "x" }],
    ["nothing that only the last one had", {}],
  ])("gets as from a shell, started without one: %s", async (_, more) => {
    const { "odd-name": _odd, ...few } = env;
    for (const known of [env, few]) {
      const spec = specOf("env -0", { env: { ...known, ...more }, cwd: join(home, "link") });
      const [one, other] = await Promise.all([ran(spawned, spec), ran(startTaskProcess, spec)]);
      const sorted = [one, other].map(({ out }) =>
        out
          .split("\0")
          .filter((each) => !each.startsWith("PPID="))
          .toSorted(),
      );
      expect(sorted[0]).toEqual(sorted[1]);
    }
  });

  test.each([
    ["a directory that is missing", specOf("true", { cwd: join(home, "missing") })],
    ["a shell that is missing", specOf("true", { shell: "/no/such/shell" })],
  ])("cannot be started for the same reason: %s", async (_, spec) => {
    const [one, other] = await Promise.all([ran(spawned, spec), ran(startTaskProcess, spec)]);
    expect(one.problem).toBe(other.problem);
    expect(one).toMatchObject({ exitCode: null, signal: null });
  });

  test("has no descriptor that one that was started directly lacks", async () => {
    const spec = specOf("ls /proc/$$/fd");
    const [one, other] = await Promise.all([ran(spawned, spec), ran(startTaskProcess, spec)]);
    const known = new Set(other.out.split("\n"));
    expect(one.out.split("\n").filter((each) => !known.has(each))).toEqual([]);
  });

  test("leads a session and a group of its own", async () => {
    const { out, pids } = await ran(spawned, specOf("cat /proc/$$/stat"));
    const fields = out.slice(out.lastIndexOf(")") + 2).split(" ");
    expect([fields[2], fields[3]]).toEqual([String(pids[0]), String(pids[0])]);
  });

  test("is named in the file of its task as soon as it is there, and makes no such file", async () => {
    const lockFile = join(home, "lock");
    writeFileSync(lockFile, "first\n");
    const { out, pids } = await ran(spawned, specOf(`sleep 0.05; cat ${lockFile}`, { lockFile }));
    const [first, second = ""] = out.split("\n");
    expect([first, JSON.parse(second)]).toEqual([
      "first",
      { pid: pids[0], born: expect.stringMatching(/^\d+$/) },
    ]);
    await ran(spawned, specOf("true", { lockFile: join(home, "none") }));
    expect(readdirSync(home)).not.toContain("none");
  });

  test("is stopped with all that it started, also when that is asked before it is known", async () => {
    const task = spawned(specOf("sleep 60 & sleep 60"));
    task.stop();
    expect(await task.ended).toMatchObject({
      exitCode: null,
      signal: expect.stringMatching(/^SIG(INT|TERM)$/),
    });
  });

  test("leaves a process running without anyone waiting for it, whose words no later task says", async () => {
    expect(await ran(spawned, specOf("(sleep 1; echo late) &"))).toMatchObject({ exitCode: 0, out: "" });
    for (let later = 0; later < 12; later++) {
      expect((await ran(spawned, specOf("sleep 0.1; echo said"))).out).toBe("said\n");
    }
  });

  test("fails with its reason when the helper is killed, and the next one is started without it", async () => {
    const own = new TaskSpawner(join(home, "own"));
    let task = own.start(specOf("sleep 60"));
    for (; !task; task = own.start(specOf("sleep 60"))) await delay(5);
    const pid = Number(
      readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "latin1").trim().split(" ").at(-1),
    );
    process.kill(pid, "SIGKILL");
    expect(await task.ended).toMatchObject({ problem: "the process that started it was killed" });
    expect(own.start(specOf("true"))).toBeNull();
    await own.close();
  });

  test("is heard while it runs, and says half a character at its end", async () => {
    const heard: string[] = [];
    const task = spawned(
      specOf("echo first; read -r line <fifo; printf 'u\\303'", { onOutput: (_, text) => heard.push(text) }),
    );
    while (heard.length === 0) await delay(5);
    expect(heard).toEqual(["first\n"]);
    writeFileSync(join(home, "fifo"), "go on\n");
    expect(await task.ended).toMatchObject({ exitCode: 0 });
    expect(heard.join("")).toBe("first\nu\ufffd");
  });

  test("leaves no pipes behind when the helper has ended", async () => {
    const own = new TaskSpawner(join(home, "gone"));
    while (!own.start(specOf("true"))) await delay(5);
    expect(readdirSync(join(home, "gone")).length).toBeGreaterThan(0);
    await own.close();
    expect(existsSync(join(home, "gone"))).toBe(false);
  });
});
