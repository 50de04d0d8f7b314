import type { RelativePath } from "@slipway/kernel";
import type { TaskSource } from "./types.ts";

/** The texts that a workspace is read from, as found on disk. */
export interface WorkspaceTexts {
  /**
   * By root-relative path. Each `DIR/package.json` makes DIR a package, each `DIR/project.json` an nx project;
   * beside them: the package's turbo.json(c), the root's configuration files and lockfiles (a binary one as an empty text).
   */
  readonly files: ReadonlyMap<RelativePath, string>;
  /** What `nx graph --file` wrote, where plugins must be asked (see nxGraphNeed). */
  readonly nxGraph?: string;
}

export interface ReadOptions {
  /** Takes the task rules from here, instead of the first of turbo, nx, pnpm, scripts that is there. */
  readonly tasksFrom?: TaskSource;
  /** True: neither task rules nor the lockfile are read, so that nothing wrong in them is in the way. */
  readonly packagesOnly?: boolean;
}

/** Root files whose texts matter beside the packages' own; a host reads those that exist. */
export const rootFiles = [
  "package.json",
  "pnpm-workspace.yaml",
  "turbo.json",
  "turbo.jsonc",
  "nx.json",
  "project.json",
  "lerna.json",
  "slipway.json",
  ".yarnrc.yml",
  ".npmrc",
  "pnpm-lock.yaml",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "bun.lock",
  "bun.lockb",
] as const;

/** Files beside a package's manifest whose texts matter. */
export const packageFiles = ["package.json", "turbo.json", "turbo.jsonc", "project.json"] as const;
