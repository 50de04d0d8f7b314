export {
  bringPackageManager,
  installCommands,
  pathWith,
  type BroughtManager,
  type PinnedManager,
} from "./package-manager.ts";
export { ensureDir } from "./ensure-dir.ts";
export { refusal } from "./refusal.ts";
export { makeScratchFolder, type ScratchFolder } from "./scratch.ts";
export {
  commitAll,
  makeScratchCheckout,
  takeUncommittedAlong,
  uncommittedChanges,
  type UncommittedChanges,
} from "./scratch-checkout.ts";
export {
  filesAnInstallEdits,
  hasLockfile,
  installFrozen,
  installUnlocked,
  quietManagers,
  refreshLockfile,
  type InstallOptions,
} from "./install.ts";
export { makeScratchCopy } from "./scratch-copy.ts";
export { outOfStep, type OutOfStep } from "./installed-modules.ts";
export { readPackageTexts, readTexts, type PackagePatterns, type TextsOnDisk } from "./workspace-texts.ts";
export { KnownImports } from "./nx/import-marks.ts";
export { NxExecutors, type ExecutorSpec } from "./nx/nx-executors.ts";
export { askNxGraph, holdsNxGraph, putNxGraph, type NxGraphRequest } from "./nx/nx-graph.ts";
export { openRepository, type GitRepository } from "./git-repository.ts";
export { commitsSince, type CommitSince } from "./commits-since.ts";
export { commitPaths, isCommitted } from "./commit-paths.ts";
export { gitLocks } from "./git-locks.ts";
export { commitsThatAdd } from "./commits-that-add.ts";
export { ForeignModule, prettierModule, type ForeignAnswer, type PrettierWord } from "./foreign-module.ts";
export { resolveFrom } from "./resolve-from.ts";
export { readText, replaceText, textFiles, type TextFiles } from "./text-files.ts";
export { changedSinceRelease, releasePoints, type ReleasedPackage } from "./changed-since-release.ts";
export { executableFiles } from "./executable-files.ts";
export { runBounded, type BoundedResult, type BoundedRun } from "./run-bounded.ts";
export { openJournalFile, replaceDurably, syncDirectory, type JournalFile } from "./journal-file.ts";
export { takeLock, type OwnedLock } from "./owned-lock.ts";
export { openReleaseTags, type PushAnswer, type ReleaseTags } from "./release-tags.ts";
export { answerOfLine, callerPlatform, type CallerPlatform } from "./process/caller-platform.ts";
export { findOnPath } from "./process/find-on-path.ts";
export { collectTables, type HotTask } from "./hot/collect.ts";
export { HotEdit } from "./hot/hot-edit.ts";
export { collectListing, listingFrom } from "./hot/kept-listing.ts";
export { isSettled } from "./tree/stamps.ts";
export { writeHotFile, writeHotSince, type HotContent } from "./hot/hot-file.ts";
export { processTree, signalTree } from "./process/process-tree.ts";
export { awaitReadiness } from "./process/await-readiness.ts";
export { takenPort } from "./process/taken-port.ts";
export { availableBytes, TaskMemory } from "./process/task-memory.ts";
export { readFilesOf, tracedLine, tracingProblem } from "./trace/file-trace.ts";
export { lookAtTree, writtenBetween } from "./trace/tree-look.ts";
export { TreeWatcher, type TreeWatcherOptions } from "./watch/tree-watcher.ts";
export { TaskLocks } from "./process/task-locks.ts";
export { startTaskProcess, type TaskProcess, type TaskProcessSpec } from "./process/task-process.ts";
export { TaskSpawner } from "./process/task-spawner.ts";
export { HttpCache, type HttpCacheOptions } from "./store/http-cache.ts";
export { LocalStore, type LocalStoreOptions } from "./store/local-store.ts";
export { RestoreThread } from "./store/ahead/restore-ahead.ts";
export { SharedStore } from "./store/shared-store.ts";
export {
  pruneStore,
  pruneWhenDue,
  storeStats,
  verifyStore,
  type Pruned,
  type StoreBounds,
  type StoreStats,
  type Verified,
} from "./store/store-care.ts";
export { postJson } from "./post-json.ts";
export { MachineKey } from "./machine-key.ts";
export { RunRecords } from "./store/run-records.ts";
export { DiskTree } from "./tree/disk-tree.ts";
export type { InputMarks } from "./tree/input-marks.ts";
export { Listing } from "./tree/listing.ts";
export type { StatNumbers } from "./tree/stamps.ts";
export { authorOf } from "./author-of.ts";
export { findGitDirs, type GitDirs } from "./git-common-dir.ts";
export { isSameNodeLine, pinnedNode } from "./pinned-node.ts";
export { headTree, originUrl, type HeadTree } from "./head-tree.ts";
export { ignoredByGit } from "./tree/git-ignored.ts";
export { inGit } from "./in-git.ts";
export { steadyNowMs } from "./steady-clock.ts";
export { openStagedNotes, type StagedNote, type StagedNotes } from "./staged-notes.ts";
export { takeRemoteLock, type RemoteLock, type RemoteLockOptions } from "./remote-lock.ts";
