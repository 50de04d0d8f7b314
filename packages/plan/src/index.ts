export {
  affectedTasks,
  onlyAffected,
  type AffectedTask,
  type TaskAffectedReason,
} from "./run/affected-tasks.ts";
export { isMemory } from "./run/compiler-memory.ts";
export { planRun } from "./run/plan-run.ts";
export { planToJson, type RunPlanJson } from "./run/plan-to-json.ts";
export { chooseMode, type ChosenMode, type CredentialOffer } from "./release/choose-mode.ts";
export { planGitHub } from "./ci/plan-github.ts";
export { planGitLab } from "./ci/plan-gitlab.ts";
export type { CiFacts, CiPlan } from "./ci/types.ts";
export { approvalBecause, type ApprovalPolicy } from "./release/approval.ts";
export { markOf, type BatchMark } from "./release/batch-mark.ts";
export {
  decidePromotion,
  soakMs,
  type HealthCheck,
  type HealthResult,
  type PromotionDecision,
  type ReleaseChannel,
} from "./release/decide-promotion.ts";
export { changelogSection } from "./release/changelog-section.ts";
export {
  forgeReleaseNotes,
  planForgeReleases,
  taggedBy,
  type ForgeReleasePolicies,
  type ForgeReleaseSources,
  type PlannedForgeRelease,
  type TaggedPackage,
} from "./release/plan-forge-releases.ts";
export { distTagFault } from "./release/dist-tag.ts";
export { tagsElsewhere, untaggedVersions } from "./release/plan-git-tags.ts";
export { movesBack } from "./release/moves-back.ts";
export {
  inChannel,
  inMode,
  isNothingToDo,
  planRelease,
  releasePlanDigest,
  sealPlan,
} from "./release/plan-release.ts";
export {
  planPromotion,
  planRollback,
  type ReleasedPackage,
  type TagMove,
  type TagPlan,
  type TagSources,
} from "./release/plan-tag-moves.ts";
export { losesProvenance, withProvenance } from "./release/provenance.ts";
export { readReleaseSettings, type ReleaseSettings } from "./release/release-settings.ts";
export type * from "./release/types.ts";
export type * from "./run/types.ts";
export { faultsIn, type SettingSchema } from "./settings/check-value.ts";
export { editSettings } from "./settings/edit-settings.ts";
export { readSlipwaySettings, slipwaySettingsPath } from "./settings/read-slipway-settings.ts";
export { slipwaySchema } from "./settings/slipway-schema.ts";
export type * from "./settings/types.ts";
export {
  bumpOfChange,
  conventionalChanges,
  defaultCommitTypes,
  worded,
} from "./version/conventional-commit.ts";
export { changesetsFromCommits } from "./version/changesets-from-commits.ts";
export { preselect, type ChangedFile, type Preselected, type PreselectInput } from "./version/preselect.ts";
export { assemble, versionOf, type AssembledPlan } from "./version/assemble.ts";
export {
  changelogEntry,
  changelogWith,
  type ChangelogDate,
  type ChangelogFile,
  type ChangelogLines,
} from "./version/changelog-entry.ts";
export { declaredEdges } from "./version/edges.ts";
export { prereleaseLines } from "./version/prerelease-lines.ts";
export { leavesRange } from "./version/own-rules/demands.ts";
export { editJson } from "./version/edit-json.ts";
export { editYaml } from "./version/edit-yaml.ts";
export { detectGeneration, type GenerationSigns } from "./version/generation.ts";
export { globMatcher } from "./version/glob-matcher.ts";
export { editLockfile, lockfiles } from "./version/lockfile/edit-lockfile.ts";
export type { EditedLockfile, LockfileChanges } from "./version/lockfile/lockfile-changes.ts";
export {
  beyondBranch,
  guardBranch,
  maintenanceBranch,
  type MaintenanceBranch,
} from "./version/own-rules/branch-guard.ts";
export { decisionFrom, emptyDecision, planVersions } from "./version/plan-versions.ts";
export {
  enteredPreState,
  pendingChangesets,
  preStatePath,
  preStateText,
  readPreState,
} from "./version/pre-state.ts";
export { readChangeset, type ChangesetText } from "./version/read-changeset.ts";
export { publishedRanges } from "./version/published-ranges.ts";
export { readVersionPlan } from "./version/read-version-plan.ts";
export { defaultSettings, readSettings, settingsPath } from "./version/settings.ts";
export { unknownPackages, whySkipped, withoutSkipped } from "./version/skipped.ts";
export type * from "./version/types.ts";
