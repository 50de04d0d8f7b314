/**
 * Random edits of a small workspace, and after each a run with the cache and a build without any, in a directory with
 * nothing but the files that count: the outputs must be the same, byte for byte, with modes and links.
 */
import fc from "fast-check";
import { dispatch } from "../../packages/cli/src/dispatch.ts";
import { terminalOf } from "../../packages/cli/src/terminal.ts";
import { apply, editArbitrary, type Edit } from "./no-stale-hit/edits.ts";
import { SmallWorkspace } from "./no-stale-hit/small-workspace.ts";

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const counts = { steps: 0, tasks: 0, hits: 0 };
  const sequence = fc.array(fc.array(editArbitrary, { minLength: 0, maxLength: 3 }), {
    minLength: options.full ? 20 : 8,
    maxLength: options.full ? 40 : 10,
  });
  const property = fc.asyncProperty(sequence, async (steps) => {
    const workspace = new SmallWorkspace();
    try {
      await step([], workspace, counts);
      for (const edits of steps) await step(edits, workspace, counts);
    } finally {
      workspace.dispose();
    }
  });
  const numRuns = options.full ? 100 : 1;
  const result = await fc.check(property, { seed: options.seed, numRuns, endOnFailure: !options.full });
  if (result.failed) {
    options.log(fc.defaultReportMessage(result) ?? "failed");
    options.log(String(result.errorInstance));
  }
  return {
    name: "no-stale-hit",
    summary: "After random edits a run with the cache leaves the same outputs as a build without any.",
    figures: { steps: counts.steps, "tasks looked up": counts.tasks, "of these hits": counts.hits },
    failed: result.failed ? 1 : 0,
  };
}

interface Counts {
  steps: number;
  tasks: number;
  hits: number;
}

async function step(edits: readonly Edit[], workspace: SmallWorkspace, counts: Counts): Promise<void> {
  for (const edit of edits) apply(edit, workspace);
  const lines: string[] = [];
  const told: string[] = [];
  const outside = {
    cwd: workspace.root,
    env: workspace.env,
    terminal: terminalOf({ stdin: {}, stdout: {}, stderr: { write: () => true } }, {}),
    signal: new AbortController().signal,
    answer: (text: string) => void lines.push(text),
    say: (text: string) => void told.push(text),
  };
  const exit = await dispatch(["run", "build", "--json", "--concurrency=2"], outside);
  const last = JSON.parse(lines.at(-1) ?? "{}") as { tasks?: number; hits?: number };
  counts.steps++;
  counts.tasks += last.tasks ?? 0;
  counts.hits += last.hits ?? 0;
  if (exit !== 0) throw new Error(`the run ended with ${exit}: ${lines.join("\n")}${told.join("\n")}`);
  const clean = workspace.cleanBuild();
  const ours = workspace.outputs();
  for (const path of new Set([...clean.keys(), ...ours.keys()])) {
    if (clean.get(path) === ours.get(path)) continue;
    throw new Error(
      `${path} is ${JSON.stringify(ours.get(path))}, a clean build makes ${JSON.stringify(clean.get(path))}\n${lines.filter((line) => !line.includes('"output"')).join("\n")}`,
    );
  }
}
