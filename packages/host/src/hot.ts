// The hot path's own entry: loads nothing but node:fs, node:crypto, node:path and node:child_process.
export { changedTracked } from "./changed-tracked.ts";
export { findGitDirs, type GitDirs } from "./git-common-dir.ts";
export { repositoryAt, type GitRepository } from "./git-repository.ts";
export { readHotFile, type HotFile, type HotHead, type HotMore } from "./hot/hot-file.ts";
export { anchorsHold, dirtOf, tasksThatHold, type Dirt } from "./hot/validate.ts";
export { MachineKey } from "./machine-key.ts";
export { NearRefs } from "./near-refs.ts";
export { nxState, type NxStateRequest } from "./nx/nx-state.ts";
export { findOnPath } from "./process/find-on-path.ts";
export { readOrNull, writeAtomically } from "./store/blob-store.ts";
export { readChecked, shortName, writeChecked } from "./store/checked-file.ts";
export { ignoredByRules } from "./tree/git-ignored.ts";
export { lookBehind } from "./tree/look-at.ts";
export { isSettled, statNumbers } from "./tree/stamps.ts";
