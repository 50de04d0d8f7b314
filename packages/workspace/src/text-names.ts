/** The files of turbo that a directory may have; one of them. */
export const turboFiles = ["turbo.json", "turbo.jsonc"] as const;

/** What pnpm takes for a manifest where there is no package.json; they are not read, and that is said. */
export const otherManifests = ["package.yaml", "package.json5"] as const;

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
export const packageFiles = [
  "package.json",
  "turbo.json",
  "turbo.jsonc",
  "project.json",
  ...otherManifests,
] as const;
