import { taskId } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import type { Workspace, WorkspacePackage } from "@slipway/workspace";

/** A script to run as it is, whatever the task configuration says of it: always, and never from a cache. */
export interface ScriptCall {
  readonly of: WorkspacePackage;
  readonly script: string;
}

/** Plans scripts one after the other, each once the one before it has succeeded. */
export function planScripts(workspace: Workspace, calls: readonly ScriptCall[]): RunPlan {
  const tasks = calls.map((call, at) => scriptTask(call, calls[at - 1]));
  const global = { files: [], env: [], passThroughEnv: [], values: {} };
  return { schema: 1, source: workspace.tasks.source, tasks, envMode: "filtered", global };
}

function scriptTask({ of, script }: ScriptCall, before: ScriptCall | undefined): PlannedTask {
  return {
    id: taskId(of.name, script),
    package: of.name,
    task: script,
    dir: of.dir,
    command: of.scripts[script] ?? null,
    action: { kind: "script", script },
    args: [],
    needs: before ? [taskId(before.of.name, before.script)] : [],
    with: [],
    cache: false,
    persistent: false,
    interactive: false,
    interruptible: false,
    parallelism: true,
    outputLogs: "full",
    inputs: [],
    outputs: [],
    inputSpec: {
      files: [],
      env: [],
      runtime: [],
      dependencyOutputs: [],
      dependencyFingerprints: false,
      json: [],
      external: "none",
      values: {},
    },
    outputSpec: { include: [], exclude: [] },
    env: [],
    passThroughEnv: [],
    lockfileClosure: null,
    because: [{ kind: "asked", task: script }],
  };
}
