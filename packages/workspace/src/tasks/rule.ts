import type { RelativePath } from "@slipway/kernel";
import type { InputSpec, OutputSpec, TaskRule } from "../types.ts";

/** A rule of which only the package, the task and what differs from the ordinary need saying. */
export function ruleOf(rule: Pick<TaskRule, "package" | "task"> & Partial<TaskRule>): TaskRule {
  return { ...ordinary, ...rule };
}

const noOutputs: OutputSpec = { include: [], exclude: [] };

export const noInputs: InputSpec = {
  files: [],
  env: [],
  runtime: [],
  dependencyOutputs: [],
  dependencyFingerprints: true,
  json: [],
  external: "closure",
  values: {},
};

const ordinary: Omit<TaskRule, "package" | "task"> = {
  action: null,
  dependsOn: [],
  with: [],
  cache: true,
  persistent: false,
  interactive: false,
  interruptible: false,
  parallelism: true,
  outputLogs: "full",
  declaredInputs: [],
  declaredOutputs: [],
  inputs: noInputs,
  outputs: noOutputs,
  env: [],
  passThroughEnv: [],
  configurations: [],
  defaultConfiguration: null,
  sources: {},
};

/** The glob of a directory's own pattern, from the root; characters of the directory's name stand for themselves. */
export function anchored(dir: RelativePath, glob: string): string {
  if (dir === "") return glob;
  return special.test(dir) ? `${dir.replaceAll(specials, "\\$&")}/${glob}` : `${dir}/${glob}`;
}

const special = /[\\*?[\]{}()!+@|]/;
const specials = new RegExp(special, "g");

/** All files of a directory that git does not ignore. */
export function allFiles(dir: RelativePath): InputSpec["files"] {
  return [{ include: [anchored(dir, "**")], exclude: [], ignored: "respect" }];
}
