import type { Command } from "../command.ts";
import type { CommandName } from "./names.ts";

/** One line of `slipway --help`; the command itself is loaded when it is called. */
export interface CommandRow {
  /** One word, or two for a command below another (`cache stats`). */
  readonly name: CommandName;
  readonly summary: string;
  load(): Promise<Command>;
}

/** In the order in which the help lists them. */
export const commands: readonly CommandRow[] = [
  {
    name: "run",
    summary: "run tasks: in order, in parallel, from the cache where nothing changed",
    load: async () => (await import("./run.ts")).run,
  },
  {
    name: "affected",
    summary: "say which packages a change reaches, and why",
    load: async () => (await import("./affected.ts")).affected,
  },
  {
    name: "graph",
    summary: "show which package or task needs which",
    load: async () => (await import("./graph.ts")).graph,
  },
  {
    name: "show",
    summary: "show the workspace, a package or a task as resolved, with the file and line of each field",
    load: async () => (await import("./show.ts")).show,
  },
  {
    name: "why",
    summary: "say what a run would do with a task now, and what differs from its last run",
    load: async () => (await import("./why.ts")).why,
  },
  {
    name: "cache",
    summary: "show, shrink or check the cache of results",
    load: async () => (await import("./cache.ts")).cache,
  },
  {
    name: "cache stats",
    summary: "show how much the cache holds",
    load: async () => (await import("./cache.ts")).cacheStats,
  },
  {
    name: "cache prune",
    summary: "remove what was not used for long, and what does not fit",
    load: async () => (await import("./cache.ts")).cachePrune,
  },
  {
    name: "cache verify",
    summary: "check every byte of the cache",
    load: async () => (await import("./cache.ts")).cacheVerify,
  },
  {
    name: "init",
    summary: "say what was read here, and write what releases need",
    load: async () => (await import("./init.ts")).init,
  },
  {
    name: "registry",
    summary: "serve the workspace's packages from an embedded registry, for trying things by hand",
    load: async () => (await import("./registry.ts")).registry,
  },
  {
    name: "change",
    summary: "write a changeset: what changes for whom, in words for users",
    load: async () => (await import("./change.ts")).change,
  },
  {
    name: "status",
    summary: "show the pending changesets and the versions they would give",
    load: async () => (await import("./status.ts")).status,
  },
  {
    name: "version",
    summary: "turn changesets into new versions and changelogs",
    load: async () => (await import("./version.ts")).version,
  },
  {
    name: "version-pr",
    summary: "open or update the version pull request",
    load: async () => (await import("./version-pr.ts")).versionPr,
  },
  {
    name: "why-bump",
    summary: "say why a package gets its new version",
    load: async () => (await import("./why-bump.ts")).whyBump,
  },
  {
    name: "pr-comment",
    summary: "print what a pull request would release, as Markdown",
    load: async () => (await import("./pr-comment.ts")).prComment,
  },
  {
    name: "ci",
    summary: "write the workflows that check changesets, version and release",
    load: async () => (await import("./ci.ts")).ci,
  },
  {
    name: "ci github",
    summary: "write the GitHub workflows that check changesets, version and release",
    load: async () => (await import("./ci.ts")).ciGitHub,
  },
  {
    name: "ci gitlab",
    summary: "write the GitLab jobs that check changesets, version and release",
    load: async () => (await import("./ci.ts")).ciGitLab,
  },
  {
    name: "pre",
    summary: "begin or end a time of prereleases",
    load: async () => (await import("./pre.ts")).pre,
  },
  {
    name: "rehearse",
    summary: "carry out the whole release on embedded registries, touching nothing real",
    load: async () => (await import("./rehearse.ts")).rehearse,
  },
  {
    name: "seal",
    summary: "build and pack a release into a folder that another machine publishes",
    load: async () => (await import("./seal.ts")).seal,
  },
  {
    name: "release",
    summary: "publish what is not on its registry yet, as one batch that becomes visible whole",
    load: async () => (await import("./release.ts")).release,
  },
  {
    name: "release resume",
    summary: "go on with a release that was interrupted",
    load: async () => (await import("./release-resume.ts")).releaseResume,
  },
  {
    name: "release status",
    summary: "show how far a release is",
    load: async () => (await import("./release-status.ts")).releaseStatus,
  },
  {
    name: "release abort",
    summary: "give up a release that nobody has seen yet",
    load: async () => (await import("./release-abort.ts")).releaseAbort,
  },
  {
    name: "promote",
    summary: "set a dist-tag on all that a release published",
    load: async () => (await import("./promote.ts")).promote,
  },
  {
    name: "rollback",
    summary: "move the dist-tags back to before a release, and deprecate its versions",
    load: async () => (await import("./rollback.ts")).rollback,
  },
];
