import { isRecord } from "@slipway/kernel";
import type { Findings } from "../../parse/findings.ts";
import type { GlobalInputs, TaskConfiguration } from "../../types.ts";
import type { TurboFile } from "./turbo-file.ts";
import { listFault } from "./turbo-values.ts";
import { systemEnv } from "./system-env.ts";
import { normalized } from "./turbo-inputs.ts";

export interface TurboGlobals {
  readonly envMode: TaskConfiguration["envMode"];
  readonly inputs: GlobalInputs;
  /** Globs that stand before every task's own `inputs` (futureFlags.globalConfiguration), so that a task can negate them. */
  readonly globalInputs: readonly string[];
  readonly concurrency?: string;
  /** futureFlags.strictTaskEntrypointSelection. */
  readonly asksOnlyRunning: boolean;
  /** futureFlags.experimentalTaskCommand: a task may have a command of its own. */
  readonly taskCommands: boolean;
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
    const isList = Array.isArray(value) && value.every((each) => typeof each === "string");
    const wrong = listFault(key, value, `"${key}"`);
    if (isList && wrong === null) return value;
    const line = file.document.lineOf([...path, key]);
    const message = `${isList ? wrong?.message : `"${key}" must be a list of strings`}, in ${file.file}`;
    const hint = isList ? wrong?.hint : undefined;
    const problem = { code: "config/malformed", message, file: file.file, line } as const;
    findings.problems.push(hint === undefined ? problem : { ...problem, hint });
    return [];
  };
  const named = gathered ? list("inputs") : [...list("globalDependencies"), ...list("globalDotEnv")];
  const declaredFiles = named.flatMap((glob) => {
    const bare = normalized(glob.replace(/^!/, ""));
    return bare === null ? [] : [glob.startsWith("!") ? `!${bare}` : bare];
  });
  const passThrough = list(gathered ? "passThroughEnv" : "globalPassThroughEnv");
  return {
    envMode: scope["envMode"] === "loose" || isLooseByAge(file) ? "loose" : "strict",
    globalInputs: gathered ? declaredFiles : [],
    ...concurrencyIn(scope["concurrency"] ?? file.value["concurrency"]),
    asksOnlyRunning: flags["strictTaskEntrypointSelection"] === true,
    taskCommands: flags["experimentalTaskCommand"] === true,
    inputs: {
      files: gathered ? [] : declaredFiles,
      env: list(gathered ? "env" : "globalEnv"),
      passThroughEnv: [...passThrough, ...systemEnv],
      values: flags["hashFilePermissions"] === true ? { hashFilePermissions: true } : {},
    },
  };
}

/** turbo 1, which said `pipeline`, kept variables from tasks only where somebody had listed those that pass. */
function isLooseByAge({ value }: TurboFile): boolean {
  return value["tasks"] === undefined && value["pipeline"] !== undefined && !value["globalPassThroughEnv"];
}

/** A number as text or a percentage; what is neither is turbo's own default. */
function concurrencyIn(value: unknown): Pick<TurboGlobals, "concurrency"> {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^[1-9]\d*%?$/.test(text) ? { concurrency: text } : {};
}
