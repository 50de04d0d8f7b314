import type { TaskId, PackageName } from "@slipway/kernel";
import type { RunPlan, RunReason } from "./types.ts";

/** What `run --plan --json` prints; docs/schema has it. From schema 1 on, fields are only added. */
export interface RunPlanJson {
  readonly schema: 1;
  readonly tasks: readonly {
    readonly id: TaskId;
    readonly package: PackageName;
    readonly task: string;
    readonly configuration?: string;
    readonly command: string | null;
    readonly needs: readonly TaskId[];
    readonly cache: boolean;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly because: readonly RunReason[];
  }[];
}

export function planToJson(plan: RunPlan): RunPlanJson {
  return {
    schema: 1,
    tasks: plan.tasks.map((one) => ({
      id: one.id,
      package: one.package,
      task: one.task,
      ...(one.configuration === undefined ? {} : { configuration: one.configuration }),
      command: one.command,
      needs: one.needs,
      cache: one.cache,
      inputs: one.inputs,
      outputs: one.outputs,
      because: one.because,
    })),
  };
}
