export { defaultLimits, type ReleaseLimits } from "./context.ts";
export { executeRelease, type ReleaseRequest } from "./execute-release.ts";
export { nextSteps, type Step } from "./next-steps.ts";
export { defaultPacing, type PacingOptions } from "./pacing.ts";
export type * from "./ports.ts";
export { progressOf, type Progress } from "./progress.ts";
