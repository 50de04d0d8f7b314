export { userErrors, type UserErrorCode } from "./catalogue.ts";
export { didYouMean } from "./did-you-mean.ts";
export { digestOf, integrityOf, sha256, type Integrity, type Sha256 } from "./digest.ts";
export { eachAtOnce } from "./each-at-once.ts";
export { closure, findCycle, reversed, waves, type Graph } from "./graph.ts";
export { splitTaskId, taskId, type PackageName, type RelativePath, type TaskId } from "./ids.ts";
export { canonicalJson, isRecord, type Json } from "./json.ts";
export { positionAt, type Checked, type Problem } from "./problem.ts";
export { UserError, unreachable, type ExitStatus } from "./user-error.ts";
