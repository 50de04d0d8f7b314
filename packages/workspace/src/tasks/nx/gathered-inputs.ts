import type { FileSelector, InputSpec } from "../../types.ts";

/** Everything that `inputs` names, gathered by kind while the forms are expanded. */
export interface Gathered {
  readonly selectors: FileSelector[];
  readonly env: Set<string>;
  readonly runtime: Set<string>;
  readonly dependencyOutputs: InputSpec["dependencyOutputs"][number][];
  readonly json: InputSpec["json"][number][];
  readonly external: Set<string>;
  /** What is wrong with the inputs, in words. */
  readonly faults: Set<string>;
  /** True: there is more than files. */
  namesFacts: boolean;
  namesExternal: boolean;
  workingDirectory: boolean;
}

export function newGathered(): Gathered {
  return {
    selectors: [],
    env: new Set(),
    runtime: new Set(),
    dependencyOutputs: [],
    json: [],
    external: new Set(),
    faults: new Set(),
    namesFacts: false,
    namesExternal: false,
    workingDirectory: false,
  };
}

/** Adds what was found to what was gathered. */
export function merge(gathered: Gathered, found: Gathered): void {
  for (const selector of found.selectors) gathered.selectors.push(selector);
  for (const each of found.faults) gathered.faults.add(each);
  // Most inputs name files only, and a project may have a thousand others below it.
  if (!found.namesFacts) return;
  gathered.namesFacts = true;
  for (const each of found.env) gathered.env.add(each);
  for (const each of found.runtime) gathered.runtime.add(each);
  for (const each of found.external) gathered.external.add(each);
  for (const each of found.dependencyOutputs) gathered.dependencyOutputs.push(each);
  for (const each of found.json) gathered.json.push(each);
  gathered.namesExternal ||= found.namesExternal;
  gathered.workingDirectory ||= found.workingDirectory;
}
