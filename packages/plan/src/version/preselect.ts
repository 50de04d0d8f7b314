import { canonicalJson, isRecord, type Json, type PackageName, type RelativePath } from "@slipway/kernel";
import picomatch from "picomatch";
import { globMatcher } from "./glob-matcher.ts";
import { whySkipped } from "./skipped.ts";
import type { VersionedPackage, VersionSettings } from "./types.ts";

export interface ChangedFile {
  readonly path: RelativePath;
  /** For a `package.json`: what it held before; null where there was none. */
  readonly manifestBefore?: Readonly<Record<string, unknown>> | null;
}

export interface PreselectInput {
  readonly packages: readonly VersionedPackage[];
  readonly settings: VersionSettings;
  readonly files: readonly ChangedFile[];
  /** Globs beside our own. */
  readonly unreleasedFiles: readonly string[];
}

/** A package that a change is probably about, and the files that say so. */
export interface Preselected {
  readonly package: PackageName;
  readonly files: readonly RelativePath[];
}

/**
 * The packages whose users will notice a change: not those where only tests, documents or tools were touched. When
 * nothing else changed, a package's own documents count, since they are published with it; and private packages, which
 * nobody installs, count where no other one changed.
 */
export function preselect({
  packages,
  settings,
  files,
  unreleasedFiles,
}: PreselectInput): readonly Preselected[] {
  const counts = globMatcher(settings.changedFilePatterns);
  const unreleased = picomatch([...UNRELEASED, ...unreleasedFiles], { dot: true, nocase: true });
  const documents = picomatch(DOCUMENTS, { dot: true, nocase: true });
  const released = packages.filter((each) => whySkipped(each, { settings }) === null);
  const own = new Map<VersionedPackage, { code: RelativePath[]; documents: RelativePath[] }>();
  for (const file of files) {
    const owner = ownerOf(file.path, packages);
    if (!owner || !released.includes(owner) || file.path.startsWith(".changeset/")) continue;
    const inside = owner.dir === "" ? file.path : file.path.slice(owner.dir.length + 1);
    if (!counts(inside) || unreleased(inside) || isUnpublished(inside, file, owner)) continue;
    const found = own.get(owner) ?? { code: [], documents: [] };
    own.set(owner, found);
    (documents(inside) ? found.documents : found.code).push(file.path);
  }
  const published = [...own.keys()].some((each) => !isPrivate(each));
  const kind = [...own.values()].some(({ code }) => code.length > 0) ? "code" : "documents";
  return released.flatMap((each) => {
    const found = published && isPrivate(each) ? [] : (own.get(each)?.[kind] ?? []);
    return found.length > 0 ? [{ package: each.name, files: found }] : [];
  });
}

function isPrivate({ manifest }: VersionedPackage): boolean {
  return manifest["private"] === true;
}

/** What users of a package do not get, whatever its `files` say. */
const UNRELEASED = [
  "**/{test,tests,__tests__,__test__,test-d,type-tests,__mocks__,__fixtures__,fixtures,__snapshots__,e2e,cypress,playwright}/**",
  "**/*.{test,spec,test-d,spec-d,bench,stories,story,fixture}.*",
  "**/{test,tests,tests-*}.{js,cjs,mjs,jsx,ts,cts,mts,tsx}",
  "**/{example,examples,scripts,bench,benchmark,benchmarks,playground,sandbox,stories,.storybook,.github,.vscode}/**",
  "**/{vitest,vite.test,jest,karma,playwright,cypress,eslint,prettier,stylelint,oxlint,biome,tslint,knip,typedoc,api-extractor}{.config,.setup,.workspace,}.{js,cjs,mjs,ts,cts,mts,json,jsonc}",
  "**/.{eslintrc,prettierrc,oxlintrc}*",
  "**/.{gitignore,eslintignore,prettierignore,attw.json,env.example}",
  "**/tsconfig*.json",
  "{turbo,project,nx}.json",
  "**/root.{eslint.config,vite.config,tsup.config}.*",
  "CHANGELOG.md",
];

const DOCUMENTS = ["**/*.{md,mdx,markdown}", "docs/**", "{LICENSE,LICENCE,NOTICE}*"];

/** Fields of a manifest that change nothing for whoever installs it. */
const UNPUBLISHED_FIELDS = new Set([
  "devDependencies",
  "scripts",
  "version",
  "nx",
  "eslintConfig",
  "jest",
  "prettier",
  "size-limit",
  "tsd",
  "packageManager",
  "volta",
  "wallaby",
  "knip",
  "preconstruct",
]);

function isUnpublished(inside: string, { manifestBefore }: ChangedFile, owner: VersionedPackage): boolean {
  if (inside !== "package.json" || manifestBefore === undefined) return false;
  if (manifestBefore === null) return false;
  return publishedPart(manifestBefore) === publishedPart(owner.manifest);
}

function publishedPart(manifest: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(manifest).filter(([key]) => !UNPUBLISHED_FIELDS.has(key));
  const scripts = manifest["scripts"];
  const hooks = isRecord(scripts)
    ? ["preinstall", "install", "postinstall"].map((name) => scripts[name] ?? null)
    : [];
  return canonicalJson([Object.fromEntries(entries), hooks] as Json);
}

/** The package in the deepest directory that holds the file. */
function ownerOf(file: RelativePath, packages: readonly VersionedPackage[]): VersionedPackage | undefined {
  let owner: VersionedPackage | undefined;
  for (const each of packages) {
    const holds = each.dir === "" || file.startsWith(`${each.dir}/`);
    if (holds && (owner === undefined || each.dir.length > owner.dir.length)) owner = each;
  }
  return owner;
}
