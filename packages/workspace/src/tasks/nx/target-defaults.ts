import { isRecord } from "@slipway/kernel";
import picomatch from "picomatch";
import { matchNxProjects, type ProjectIdentity } from "./match-nx-projects.ts";
import { fieldSources, type NxFile } from "./nx-file.ts";
import { areCompatible, mergeTargets, withoutSugar, type Config, type NxTarget } from "./nx-target.ts";

/** What nx.json's `targetDefaults` give to one target of one project: the lowest layer; null when nothing applies. */
export function targetDefault(
  nxJson: NxFile,
  target: { readonly name: string; readonly own: NxTarget; readonly project: ProjectIdentity },
): NxTarget | null {
  const defaults = nxJson.value["targetDefaults"];
  if (!isRecord(defaults)) return null;
  const executor = typeof target.own.config["executor"] === "string" ? target.own.config["executor"] : null;
  for (const key of matchingKeys(defaults, target.name, executor)) {
    const value = defaults[key];
    const entries: readonly unknown[] = Array.isArray(value) ? value : [value ?? {}];
    const matching = entries
      .map((entry, index) => ({ entry, path: Array.isArray(value) ? [key, index] : [key] }))
      .filter(({ entry }) => isRecord(entry) && matchesFilter(entry["filter"], target.project, executor));
    if (matching.length > 0) return merged(nxJson, target.own, matching as Matching);
  }
  return null;
}

type Matching = readonly { readonly entry: Config; readonly path: readonly (string | number)[] }[];

function merged(nxJson: NxFile, own: NxTarget, matching: Matching): NxTarget | null {
  let result: NxTarget | null = null;
  for (const { entry, path } of matching) {
    const { filter: _, ...config } = entry;
    const plain = withoutSugar(config);
    // An entry for another executor would take the place of the target, so it does not count.
    const { executor } = own.config;
    if (executor && plain["executor"] && executor !== plain["executor"]) continue;
    const sources = fieldSources(nxJson, ["targetDefaults", ...path], config);
    const next = { config: plain, sources };
    result = result && areCompatible(result.config, plain) ? mergeTargets(result, next) : next;
  }
  return result;
}

/** One key applies: the executor's, else the target's name, else globs of names, the longest first. */
function matchingKeys(defaults: Config, name: string, executor: string | null): readonly string[] {
  const keys: string[] = [];
  if (executor !== null && Object.hasOwn(defaults, executor)) keys.push(executor);
  if (name !== executor && Object.hasOwn(defaults, name)) keys.push(name);
  const globs = Object.keys(defaults)
    .filter(
      (key) =>
        key !== name && key !== executor && /[*?[\]{}()!+@|]/.test(key) && picomatch.isMatch(name, key),
    )
    .toSorted((a, b) => b.length - a.length);
  return [...keys, ...globs];
}

function matchesFilter(filter: unknown, project: ProjectIdentity, executor: string | null): boolean {
  if (!isRecord(filter)) return true;
  const { projects, plugin } = filter;
  const patterns = typeof projects === "string" ? [projects] : Array.isArray(projects) ? projects : null;
  if (patterns && matchNxProjects(patterns.map(String), [project]).length === 0) return false;
  if (filter["executor"] !== undefined && filter["executor"] !== executor) return false;
  // Targets that a plugin inferred come with the snapshot, their defaults already merged.
  return plugin === undefined;
}
