import type { Sha256, TaskId } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import type { FingerprintDifference } from "./events.ts";
import { fingerprintSources } from "./fingerprint-sources.ts";
import {
  countsThoughEmpty,
  fingerprintTask,
  type FingerprintSources,
  type TaskFacts,
} from "./fingerprint-task.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { passThroughFingerprint } from "./pass-through.ts";
import type { OutputFile, RunPorts } from "./ports.ts";
import { missOf, ownMadeFiles } from "./run-task.ts";
import type { RunOptions } from "./surroundings.ts";

/** What a run would do with a task now, and why. */
export interface TaskExplanation {
  readonly id: TaskId;
  /** `in-place`: nothing to do; `stored`: from the cache; `run`: it misses; `off`: it is not cached and always runs. */
  readonly would: "in-place" | "stored" | "run" | "off";
  readonly fingerprint: Sha256;
  /** In words; for a task that would run its first difference to the last recorded run. */
  readonly reason: string;
  readonly differences: readonly FingerprintDifference[];
}

/** An explanation with the fingerprint that it is about, as it may be kept and shown. */
export interface ExplainedTask extends TaskExplanation {
  readonly value: Fingerprint;
}

/**
 * Takes every task's fingerprint as a run would, and runs nothing. What a task that would run is going to write is not
 * known, so its dependents are judged by its fingerprint alone.
 *
 * @returns tasks that have something to run, in the plan's order
 */
export async function explainRun(
  plan: RunPlan,
  ports: RunPorts,
  options: RunOptions,
): Promise<readonly ExplainedTask[]> {
  const facts = new Map<TaskId, TaskFacts>();
  const sources = fingerprintSources(plan, { ports, options }, (id) => facts.get(id));
  const found: ExplainedTask[] = [];
  for (const task of plan.tasks) {
    if (!task.action) {
      const fingerprint = countsThoughEmpty(task)
        ? (await fingerprintTask(task, sources, new Set())).digest
        : passThroughFingerprint(task, sources);
      facts.set(task.id, { fingerprint, outputs: () => [], needs: task.needs, untouched: false });
      continue;
    }
    const { explanation, outputs } = await explained(task, sources, { ports, options });
    const { fingerprint } = explanation;
    facts.set(task.id, { fingerprint, outputs: () => outputs, needs: task.needs, untouched: false });
    found.push(explanation);
  }
  return found;
}

interface Explained {
  readonly explanation: ExplainedTask;
  readonly outputs: readonly OutputFile[];
}

async function explained(
  task: PlannedTask,
  sources: FingerprintSources,
  { ports, options }: { readonly ports: RunPorts; readonly options: RunOptions },
): Promise<Explained> {
  const { records, store, tree } = ports;
  const record = records.last(task.id);
  const known = await fingerprintTask(task, sources, ownMadeFiles(record, ports));
  const answer = (
    would: TaskExplanation["would"],
    reason: string,
    outputs: readonly OutputFile[] = [],
  ): Explained => {
    const { digest: fingerprint, value } = known;
    const explanation = { id: task.id, would, fingerprint, reason, differences: [], value };
    return { explanation, outputs };
  };
  if (!task.cache || task.persistent) return answer("off", "this task is not cached");
  if (options.cache.read) {
    if (record?.fingerprint === known.digest && tree.inPlace(record.outputs))
      return answer(
        "in-place",
        "nothing changed since it ran here, and its outputs are in place",
        record.outputs,
      );
    const stored = await store.lookup(known.digest, task.outputSpec);
    if (stored.kind === "hit")
      return answer("stored", "a result for exactly these inputs is in the cache", stored.result.outputs);
  }
  const miss = missOf(known, record, options);
  const { explanation } = answer("run", miss.reason);
  return { explanation: { ...explanation, differences: miss.differences }, outputs: [] };
}
