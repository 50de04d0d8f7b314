import { isRecord } from "@slipway/kernel";

/** `jit`: hashed after the task's needs have run; `startup`: as plain globs are. */
export interface StructuredInput {
  readonly mode: "startup" | "jit" | "dependencyOutputs";
  readonly globs: readonly string[];
  readonly from?: readonly string[];
  readonly withDefaults?: boolean;
}

/** The fields of a task in turbo.json, as one file declares them. */
export interface TaskFields {
  readonly extends?: boolean;
  readonly description?: string;
  readonly dependsOn?: readonly string[];
  readonly with?: readonly string[];
  readonly inputs?: readonly (string | StructuredInput)[];
  /** turbo 1: files that count beside `inputs`. */
  readonly dotEnv?: readonly string[] | null;
  readonly outputs?: readonly string[];
  readonly env?: readonly string[];
  readonly passThroughEnv?: readonly string[];
  readonly tags?: readonly string[];
  readonly cache?: boolean;
  readonly persistent?: boolean;
  readonly interactive?: boolean;
  readonly interruptible?: boolean;
  readonly outputLogs?: "full" | "hash-only" | "new-only" | "errors-only" | "none";
  readonly outputMode?: TaskFields["outputLogs"];
  readonly command?: unknown;
}

export interface FieldShape {
  /** For the message: `"cache" must be …`. */
  readonly is: string;
  accepts(value: unknown): boolean;
}

export const flag: FieldShape = { is: "true or false", accepts: (value) => typeof value === "boolean" };
export const text: FieldShape = { is: "a string", accepts: (value) => typeof value === "string" };
const list: FieldShape = { is: "a list of strings", accepts: isStrings };
const listOrNull: FieldShape = {
  is: "a list of strings",
  accepts: (value) => value === null || isStrings(value),
};
const anything: FieldShape = { is: "anything", accepts: () => true };
const logs: FieldShape = {
  is: "full, hash-only, new-only, errors-only or none",
  accepts: (value) => ["full", "hash-only", "new-only", "errors-only", "none"].includes(value as string),
};
const inputs: FieldShape = {
  is: "a list of globs and of objects with mode and globs",
  accepts: (value) =>
    Array.isArray(value) && value.every((each) => typeof each === "string" || isStructured(each)),
};

export const taskFields: Readonly<Record<keyof TaskFields | "experimentalCI", FieldShape>> = {
  extends: flag,
  description: text,
  dependsOn: list,
  with: list,
  inputs,
  dotEnv: listOrNull,
  outputs: list,
  env: list,
  passThroughEnv: listOrNull,
  tags: list,
  cache: flag,
  persistent: flag,
  interactive: flag,
  interruptible: flag,
  outputLogs: logs,
  outputMode: logs,
  command: anything,
  experimentalCI: anything,
};

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isStructured(value: unknown): value is StructuredInput {
  if (!isRecord(value) || !isStrings(value["globs"])) return false;
  const from = value["from"];
  const isKnown = ["startup", "jit", "dependencyOutputs"].some((mode) => mode === value["mode"]);
  return isKnown && (from === undefined || isStrings(from));
}
