import { isRecord } from "@slipway/kernel";
import type { Findings } from "../../parse/findings.ts";
import type { GlobalInputs, TaskConfiguration } from "../../types.ts";
import type { TurboFile } from "./turbo-file.ts";
import { systemEnv } from "./system-env.ts";

export interface TurboGlobals {
  readonly envMode: TaskConfiguration["envMode"];
  readonly inputs: GlobalInputs;
  /** Globs that stand before every task's own `inputs` (futureFlags.globalConfiguration), so that a task can negate them. */
  readonly globalInputs: readonly string[];
}

/** What the root's turbo.json says of all tasks at once. */
export function turboGlobals(file: TurboFile, findings: Findings): TurboGlobals {
  const flags = isRecord(file.value["futureFlags"]) ? file.value["futureFlags"] : {};
  const gathered = flags["globalConfiguration"] === true;
  const scope =
    gathered && isRecord(file.value["global"]) ? file.value["global"] : gathered ? {} : file.value;
  const path = gathered ? ["global"] : [];
  const list = (key: string): readonly string[] => {
    const value = scope[key];
    if (value === undefined || value === null) return [];
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
    const line = file.document.lineOf([...path, key]);
    const message = `"${key}" must be a list of strings, in ${file.file}`;
    findings.problems.push({ code: "config/malformed", message, file: file.file, line });
    return [];
  };
  const declaredFiles = list(gathered ? "inputs" : "globalDependencies");
  const passThrough = list(gathered ? "passThroughEnv" : "globalPassThroughEnv");
  return {
    envMode: scope["envMode"] === "loose" ? "loose" : "strict",
    globalInputs: gathered ? declaredFiles : [],
    inputs: {
      files: gathered ? [] : declaredFiles,
      env: list(gathered ? "env" : "globalEnv"),
      passThroughEnv: [...passThrough, ...systemEnv],
      values: flags["hashFilePermissions"] === true ? { hashFilePermissions: true } : {},
    },
  };
}
