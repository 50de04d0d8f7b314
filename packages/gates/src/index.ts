export { allGates } from "./all-gates.ts";
export { runGates, type GateRun } from "./run-gates.ts";
export type * from "./types.ts";
