export { planRun } from "./run/plan-run.ts";
export { planToJson, type RunPlanJson } from "./run/plan-to-json.ts";
export type * from "./release/types.ts";
export type * from "./run/types.ts";
