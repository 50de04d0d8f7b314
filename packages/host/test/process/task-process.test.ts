import { afterEach, expect, test, vi } from "vitest";
import { startTaskProcess, type TaskProcessEnd } from "../../src/process/task-process.ts";

afterEach(() => {
  vi.useRealTimers();
});

function run(line: string): { readonly ended: Promise<TaskProcessEnd>; readonly text: () => string } {
  let text = "";
  const env = { PATH: process.env["PATH"] ?? "" };
  const onOutput = (_: 1 | 2, piece: string): void => void (text += piece);
  const { ended } = startTaskProcess({ line, shell: null, cwd: process.cwd(), env, onOutput });
  return { ended, text: () => text };
}

test("a process that has ended is not waited for, whether its pipes or the news of its end came first", async () => {
  // No time passes: an end that needed it would never come.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  for (const line of ["true", "exec >&- 2>&-; exit 3", "echo said", "exit 1"]) {
    for (let time = 0; time < 5; time++) expect((await run(line).ended).problem).toBeNull();
  }
});

test("what a script leaves running keeps its pipe and is not waited for; what was written before is there", async () => {
  const { ended, text } = run("echo said; sleep 30 & echo $! >&2; exit 0");
  expect(await ended).toEqual({ exitCode: 0, signal: null, problem: null });
  const [, pid] = text().match(/(\d+)/) ?? [];
  expect(text()).toContain("said");
  process.kill(Number(pid));
});
