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
