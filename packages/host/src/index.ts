export {
  bringPackageManager,
  installCommands,
  pathWith,
  type BroughtManager,
  type PinnedManager,
} from "./package-manager.ts";
export { makeScratchFolder, type ScratchFolder } from "./scratch.ts";
export {
  commitAll,
  makeScratchCheckout,
  takeUncommittedAlong,
  uncommittedChanges,
  type UncommittedChanges,
} from "./scratch-checkout.ts";
export { installFrozen, quietManagers, refreshLockfile, type InstallOptions } from "./install.ts";
export { readPackageTexts, readTexts, type PackagePatterns, type TextsOnDisk } from "./workspace-texts.ts";
export { openRepository, type GitRepository } from "./git-repository.ts";
export { commitsThatAdd } from "./commits-that-add.ts";
export { importFrom, resolveFrom } from "./import-from.ts";
export { readText, replaceText, workTreeFiles, type WorkTreeFiles } from "./work-tree-files.ts";
export { changedSinceRelease, type ReleasedPackage } from "./changed-since-release.ts";
export { executableFiles } from "./executable-files.ts";
export { runBounded, type BoundedResult, type BoundedRun } from "./run-bounded.ts";
