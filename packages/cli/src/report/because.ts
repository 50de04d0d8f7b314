import type { RunReason } from "@slipway/plan";
import type { AffectedReason } from "@slipway/workspace";
import { inOneLine } from "./text.ts";

/** Why a task is in a plan, in a few words. */
export function runReasonText(reason: RunReason): string {
  switch (reason.kind) {
    case "asked":
      return `asked for as ${reason.task}`;
    case "filter":
      return `chosen by ${reason.filter}`;
    case "directory":
      return `you are in ${reason.dir}`;
    case "affected":
      if (reason.need !== undefined) return `needs ${reason.need}, which changed since ${reason.base}`;
      if (reason.path !== undefined) return `${inOneLine(reason.path)} changed since ${reason.base}`;
      return reason.by === undefined ? `changed since ${reason.base}` : `needs ${reason.by}, which changed`;
    case "needed-by":
      return `needed by ${reason.task}`;
    case "with":
      return `runs beside ${reason.task}`;
  }
}

/** Why a package is affected, in a few words. */
export function affectedReasonText(reason: AffectedReason): string {
  switch (reason.kind) {
    case "file":
      return `${inOneLine(reason.path)} changed`;
    case "more-files":
      return `${reason.count} more files changed`;
    case "input":
      return `${inOneLine(reason.path)} changed, which its task ${reason.task} reads`;
    case "lockfile":
      return `what ${inOneLine(reason.path)} resolves for it changed`;
    case "root-dependencies":
      return `what ${inOneLine(reason.path)} resolves for the root changed, which every package finds`;
    case "lockfile-unknown":
      return `${inOneLine(reason.path)} changed, and what it was before is not known`;
    case "global":
      return `${inOneLine(reason.path)} changed, which counts for every task`;
    case "configuration":
      return `${inOneLine(reason.path)} changed, which defines the tasks`;
    case "dependency":
      return `needs ${reason.package}`;
  }
}
