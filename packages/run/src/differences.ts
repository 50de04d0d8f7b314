import { isRecord } from "@slipway/kernel";
import type { FingerprintDifference } from "./events.ts";

/** More would not be read; the first ones name the cause. */
const differenceCountMax = 20;

/** Where two kept values differ, in the order of the fields, each with what it was and what it is. */
export function differencesOf(before: unknown, after: unknown): readonly FingerprintDifference[] {
  const found: FingerprintDifference[] = [];
  compare([], { before, after }, found);
  return found;
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
}

function compare(at: readonly string[], { before, after }: Pair, found: FingerprintDifference[]): void {
  if (before === after || found.length >= differenceCountMax) return;
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare([...at, key], { before: before[key], after: after[key] }, found);
    }
    return;
  }
  const texts = { before: textOf(before), after: textOf(after) };
  if (texts.before !== texts.after) found.push({ at, ...texts });
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One difference in words, for the line of a miss. */
export function describeDifference({ at, before, after }: FingerprintDifference): string {
  const [field = "", ...rest] = at;
  const name = rest.join(".");
  const change = before === null ? "is new" : after === null ? "is gone" : "changed";
  switch (field) {
    case "files":
    case "globalFiles":
    case "dotenv":
      return `${name} ${change}`;
    case "needs":
      return before === null || after === null
        ? `it ${before === null ? "now" : "no longer"} needs ${name}`
        : `${name} changed`;
    case "env":
      return `the variable ${name} ${before === null ? "is set" : after === null ? "is not set any more" : "changed"}`;
    case "dependencyOutputs":
      return `the output ${name} of a needed task ${change}`;
    case "lockfile":
      return "its dependencies in the lockfile changed";
    case "platform":
      return `${name} is ${after ?? "not there"}, it was ${before ?? "not there"}`;
    default:
      return `${fieldNames[field] ?? field}${name && !plainParts.has(at.join(".")) ? ` ${name}` : ""} ${change}`;
  }
}

/** What a person calls the whole of it. */
const plainParts: ReadonlySet<string> = new Set(["command.main", "outputs.include"]);

const fieldNames: Readonly<Record<string, string>> = {
  dir: "its directory",
  command: "its command",
  args: "its arguments",
  outputs: "the list of its outputs",
  values: "its definition",
  globalValues: "the global definition",
  json: "the field",
  runtime: "the answer of",
  envMode: "the environment mode",
  passThroughEnv: "the list of passed variables",
  trustDomain: "the trust domain",
  format: "the format of the cache",
};
