import { isRecord, positionAt, type Checked, type PackageName, type Problem } from "@slipway/kernel";
import { findNodeAtLocation, parseTree, type Node, type ParseError } from "jsonc-parser";
import { jsonFault } from "../settings/json-fault.ts";
import { plainValue } from "../settings/plain-value.ts";
import { matchNames, unmatchedPatterns } from "./match-names.ts";
import type { Generation, ModuleChoice, VersionSettings } from "./types.ts";

export const settingsPath = ".changeset/config.json";

/** What a repository without `.changeset/config.json` gets: each generation's own defaults. */
export function defaultSettings(generation: Generation): VersionSettings {
  return {
    changelog: ["@changesets/cli/changelog", null],
    commit: false,
    fixed: [],
    linked: [],
    access: "restricted",
    baseBranch: generation === 2 ? "master" : "main",
    changedFilePatterns: ["**"],
    ignore: [],
    privatePackages: { version: generation === 2, tag: false },
    updateInternalDependencies: "patch",
    bumpVersionsWithWorkspaceProtocolOnly: false,
    snapshot: { useCalculatedVersion: false, prereleaseTemplate: null },
    onlyUpdatePeerDependentsWhenOutOfRange: false,
    updateInternalDependents: "out-of-range",
    format: generation === 2 ? "prettier" : "auto",
  };
}

interface Reading {
  readonly text: string;
  readonly tree: Node;
  readonly value: Readonly<Record<string, unknown>>;
  readonly names: readonly PackageName[];
  readonly generation: Generation;
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

/** Reads `.changeset/config.json`; every value that is wrong is reported with its line. */
export function readSettings(
  text: string,
  names: readonly PackageName[],
  generation: Generation,
): Checked<VersionSettings> {
  const errors: ParseError[] = [];
  const tree = parseTree(text.replace(/^\uFEFF/, " "), errors, { allowTrailingComma: true });
  const fault = jsonFault(text, errors, tree === undefined);
  if (fault || !tree) {
    const message = `the configuration of Changesets ${fault?.what ?? "is empty"}`;
    const problem: Problem = { code: "config/malformed", message, file: settingsPath, ...fault?.place };
    return { ok: false, problems: [problem], warnings: [] };
  }
  const value = plainValue(tree);
  const reading: Reading = {
    text,
    tree,
    value: isRecord(value) ? value : {},
    names,
    generation,
    problems: [],
    warnings: [],
  };
  if (!isRecord(value)) complain(reading, [], "must hold an object");
  const settings = takeSettings(reading);
  checkGroups(reading, settings);
  const { problems, warnings } = reading;
  return problems.length > 0 ? { ok: false, problems, warnings } : { ok: true, value: settings, warnings };
}

function takeSettings(reading: Reading): VersionSettings {
  const defaults = defaultSettings(reading.generation);
  const experimental = "___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH";
  const calculated = boolean(reading, [experimental, "useCalculatedVersionForSnapshots"], false);
  return {
    changelog: moduleChoice(reading, "changelog", defaults.changelog),
    commit: moduleChoice(reading, "commit", defaults.commit),
    fixed: groups(reading, "fixed"),
    linked: groups(reading, "linked"),
    access: access(reading, defaults.access),
    baseBranch: string(reading, ["baseBranch"], defaults.baseBranch),
    changedFilePatterns: strings(reading, ["changedFilePatterns"]) ?? defaults.changedFilePatterns,
    ignore: ignored(reading),
    privatePackages: privatePackages(reading, defaults.privatePackages),
    updateInternalDependencies: choice(reading, ["updateInternalDependencies"], ["patch", "minor"]),
    bumpVersionsWithWorkspaceProtocolOnly: boolean(reading, ["bumpVersionsWithWorkspaceProtocolOnly"], false),
    snapshot: {
      useCalculatedVersion: boolean(reading, ["snapshot", "useCalculatedVersion"], calculated),
      prereleaseTemplate: string(reading, ["snapshot", "prereleaseTemplate"], "") || null,
    },
    onlyUpdatePeerDependentsWhenOutOfRange: boolean(
      reading,
      [experimental, "onlyUpdatePeerDependentsWhenOutOfRange"],
      false,
    ),
    updateInternalDependents: choice(
      reading,
      [experimental, "updateInternalDependents"],
      ["out-of-range", "always"],
    ),
    format: format(reading, defaults.format),
  };
}

function at(reading: Reading, path: readonly string[]): unknown {
  let value: unknown = reading.value;
  for (const key of path) value = isRecord(value) ? value[key] : undefined;
  return value;
}

function boolean(reading: Reading, path: readonly string[], fallback: boolean): boolean {
  const value = at(reading, path);
  if (value === undefined) return fallback;
  if (typeof value !== "boolean") complain(reading, path, "must be true or false");
  return value === true;
}

function string(reading: Reading, path: readonly string[], fallback: string): string {
  const value = at(reading, path);
  if (value === undefined || value === null) return fallback;
  if (typeof value === "string") return value;
  complain(reading, path, "must be a string");
  return fallback;
}

function strings(reading: Reading, path: readonly string[]): readonly string[] | null {
  const value = at(reading, path);
  if (value === undefined) return null;
  if (isStrings(value)) return value;
  complain(reading, path, "must be a list of strings");
  return null;
}

/** The first of the choices is the default. */
function choice<T extends string>(
  reading: Reading,
  path: readonly string[],
  choices: readonly [T, ...T[]],
): T {
  const value = at(reading, path);
  const found = choices.find((each) => each === value);
  if (found === undefined && value !== undefined)
    complain(reading, path, `must be one of ${choices.join(", ")}`);
  return found ?? choices[0];
}

function moduleChoice(reading: Reading, key: "changelog" | "commit", fallback: ModuleChoice | false) {
  const value = at(reading, [key]);
  if (value === undefined) return fallback;
  if (value === false) return false;
  if (typeof value === "string") return [value, null] as const;
  if (key === "commit" && value === true) return ["@changesets/cli/commit", { skipCI: "version" }] as const;
  if (Array.isArray(value) && value.length === 2 && typeof value[0] === "string") {
    return [value[0], isRecord(value[1]) ? value[1] : null] as const;
  }
  complain(reading, [key], 'must be false, the name of a module, or ["module", { its options }]');
  return fallback;
}

function access(reading: Reading, fallback: VersionSettings["access"]): VersionSettings["access"] {
  const value = at(reading, ["access"]);
  if (value === undefined || value === "private") return fallback;
  return value === "public" ? value : choice(reading, ["access"], ["restricted", "public"]);
}

function format(reading: Reading, fallback: string | false): string | false {
  const { generation } = reading;
  if (generation === 2) return boolean(reading, ["prettier"], true) ? fallback : false;
  const value = at(reading, ["format"]);
  if (value === false) return false;
  return choice(reading, ["format"], ["auto", "prettier", "oxfmt", "deno", "dprint"]);
}

/** Unset: each generation's default. Generation 2 takes no `true`; both read it as all on. */
function privatePackages(
  reading: Reading,
  fallback: VersionSettings["privatePackages"],
): VersionSettings["privatePackages"] {
  const value = at(reading, ["privatePackages"]);
  if (value === undefined) return fallback;
  if (typeof value === "boolean") return { version: value, tag: value };
  if (!isRecord(value)) {
    complain(reading, ["privatePackages"], 'must be true, false or { "version": true, "tag": true }');
    return fallback;
  }
  const result = {
    version: boolean(reading, ["privatePackages", "version"], fallback.version),
    tag: boolean(reading, ["privatePackages", "tag"], false),
  };
  if (result.tag && !result.version)
    complain(reading, ["privatePackages"], 'has "tag" without "version", so there would be nothing to tag');
  return result;
}

function groups(reading: Reading, key: "fixed" | "linked"): readonly (readonly PackageName[])[] {
  const value = at(reading, [key]);
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isStrings)) {
    complain(reading, [key], "must be a list of lists of package names");
    return [];
  }
  for (const group of value) warnOfUnmatched(reading, key, group);
  return value.map((group) => matchNames(reading.names, group, reading.generation));
}

function ignored(reading: Reading): readonly PackageName[] {
  const patterns = strings(reading, ["ignore"]) ?? [];
  warnOfUnmatched(reading, "ignore", patterns);
  return matchNames(reading.names, patterns, reading.generation);
}

function warnOfUnmatched(reading: Reading, key: string, patterns: readonly string[]): void {
  for (const pattern of unmatchedPatterns(reading.names, patterns)) {
    const message = `"${pattern}" in "${key}" matches no package`;
    reading.warnings.push({ code: "config/malformed", message, ...placeOf(reading, [key]) });
  }
}

/** A package can be in one group only, and either fixed or linked. */
function checkGroups(reading: Reading, settings: VersionSettings): void {
  const holder = new Map<PackageName, "fixed" | "linked">();
  for (const kind of ["fixed", "linked"] as const) {
    for (const name of settings[kind].flat()) {
      const other = holder.get(name);
      if (other === kind) complain(reading, [kind], `has "${name}" in more than one group`);
      else if (other) complain(reading, [kind], `has "${name}", which is in a "${other}" group already`);
      holder.set(name, kind);
    }
  }
}

function complain(reading: Reading, path: readonly string[], what: string): void {
  const name = path.length === 0 ? "the configuration of Changesets" : `"${path.join(".")}"`;
  reading.problems.push({ code: "config/malformed", message: `${name} ${what}`, ...placeOf(reading, path) });
}

function placeOf(reading: Reading, path: readonly string[]): Pick<Problem, "file" | "line" | "column"> {
  const node = findNodeAtLocation(reading.tree, [...path]) ?? reading.tree;
  return { file: settingsPath, ...positionAt(reading.text, (node.parent ?? node).offset) };
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
