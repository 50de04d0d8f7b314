import { canonicalJson, sha256, type Sha256 } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import type { TaskDone } from "./execution.ts";
import { fingerprintTask, needsOf, type FingerprintSources } from "./fingerprint-task.ts";
import type { TaskSurroundings } from "./surroundings.ts";

/** A task that only passes its needs through, and has no files, stands for what it needs. */
export function passThroughFingerprint(task: PlannedTask, sources: FingerprintSources): Sha256 {
  return sha256(canonicalJson({ task: task.id, needs: needsOf(task, sources) }));
}

/** Nothing runs; the files of the task are looked at for those that need it. */
export async function countFiles(
  task: PlannedTask,
  { ports: { records }, sources }: TaskSurroundings,
): Promise<TaskDone> {
  const { digest, value, inputs } = await fingerprintTask(task, sources, new Set());
  records.write(task.id, { fingerprint: digest, value, outputs: [], log: [], durationMs: 0 }, inputs);
  const { id, package: packageName, task: name } = task;
  const done = { status: "ok", cache: "off", fingerprint: digest, durationMs: 0 } as const;
  return {
    ended: { type: "task", id, package: packageName, task: name, ...done },
    fingerprint: digest,
    outputs: [],
  };
}
