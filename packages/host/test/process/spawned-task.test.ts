import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { OutputPipes } from "../../src/process/output-pipes.ts";
import { SpawnedTask } from "../../src/process/spawned-task.ts";

const home = mkdtempSync(join(tmpdir(), "slipway-spawned-"));

afterAll(() => rmSync(home, { recursive: true }));

describe.runIf(process.platform === "linux")("the output of a task", () => {
  test("is read to its end however long this process was busy with something else", async () => {
    const path = join(home, "pipe");
    execFileSync("/usr/bin/mkfifo", [`${path}.1`, `${path}.2`]);
    const pipes = new OutputPipes(path);
    expect(pipes.open()).toBe(true);
    const ends = [1, 2].map((stream) => openSync(`${path}.${stream}`, "w"));
    const heard: string[] = [];
    let freed = 0;
    const spec = { line: "", shell: null, cwd: home, env: {} };
    const onOutput = (stream: 1 | 2, text: string): void => void heard.push(`${stream}:${text}`);
    const task = new SpawnedTask({ ...spec, onOutput }, pipes, () => freed++);
    task.listen();
    for (const end of ends) {
      writeSync(end, "said");
      closeSync(end);
    }
    task.onEnded(0, 0);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    expect(await task.ended).toMatchObject({ exitCode: 0 });
    expect(heard.toSorted()).toEqual(["1:said", "2:said"]);
    expect(freed).toBe(1);
  });
});
