import type { TaskConfiguration } from "../../types.ts";
import type { NxFile } from "./nx-file.ts";
import { record } from "./nx-projects.ts";

/** What nx.json says of runs as such: the base branch, and how many tasks run at a time. */
export function nxSettings({ value }: NxFile): Pick<TaskConfiguration, "baseBranch" | "concurrency"> {
  const base = value["defaultBase"] ?? record(value["affected"])["defaultBase"];
  const runner = record(record(record(value["tasksRunnerOptions"])["default"])["options"]);
  const concurrency = concurrencyOf(value["parallel"] ?? runner["parallel"]);
  return {
    ...(typeof base === "string" ? { baseBranch: base } : {}),
    ...(concurrency === null ? {} : { concurrency }),
  };
}

function concurrencyOf(parallel: unknown): string | null {
  if (parallel === false) return "1";
  const text = typeof parallel === "number" ? String(parallel) : parallel;
  return typeof text === "string" && /^[1-9]\d*%?$/.test(text) ? text : null;
}
