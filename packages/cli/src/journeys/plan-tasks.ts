import { UserError } from "@slipway/kernel";
import { planRun, type RunPlan, type RunRequest } from "@slipway/plan";
import type { Outside } from "../command.ts";
import { warningText } from "../report-error.ts";
import type { LoadedWorkspace } from "../wire/load-workspace.ts";

type Asked = Pick<RunRequest, "tasks" | "packages"> & Partial<RunRequest>;

/** The plan of a run; warnings are told, problems thrown. */
export function planTasks(
  { workspace }: LoadedWorkspace,
  asked: Asked,
  outside: Pick<Outside, "say">,
): RunPlan {
  const planned = planRun(workspace, { configuration: null, args: [], only: false, ...asked });
  for (const warning of [...workspace.warnings, ...planned.warnings]) outside.say(warningText(warning));
  if (!planned.ok) throw UserError.of(planned.problems);
  return planned.value;
}
