export { readLockfile, type LockfileOwners } from "./lockfile/read-lockfile.ts";
export { declaredInManifest } from "./manager/declared-in-manifest.ts";
export { packageManagerOf } from "./manager/package-manager.ts";
export { workspacePatterns, type WorkspacePatterns } from "./manager/workspace-patterns.ts";
export { catalogFiles, catalogsInTexts } from "./packages/catalogs-in-texts.ts";
export { packageCycles, type PackageCycle } from "./packages/package-cycles.ts";
export { readWorkspace } from "./read-workspace.ts";
export { declaredOptions, withForwardedOptions } from "./tasks/nx/forwarded-options.ts";
export { filledCommand } from "./tasks/nx/nx-arguments.ts";
export { nxDotenvFiles } from "./tasks/nx/nx-dotenv-files.ts";
export { systemEnv } from "./tasks/turbo/system-env.ts";
export { nxGraphNeed, type NxGraphNeed } from "./tasks/nx/nx-graph.ts";
export {
  nxPresetName,
  rootTurboFile,
  turboFileInScripts,
  type ReadOptions,
  type WorkspaceTexts,
} from "./texts.ts";
export { packageFiles, rootFiles } from "./text-names.ts";
export type * from "./types.ts";
export { affectedView, type AffectedView } from "./affected-view.ts";
export {
  affected,
  affectedIn,
  changedLockfile,
  everywhere,
  isDirect,
  lockfileReasons,
  type Affected,
  type AffectedReason,
  type WorkspaceChanges,
} from "./affected.ts";
export { globSet, type GlobSet } from "./glob-set.ts";
export { packageGraph } from "./package-graph.ts";
export { select, type Selected, type Selection, type SelectReason } from "./select.ts";
export { rangesOf } from "./select-filter.ts";
