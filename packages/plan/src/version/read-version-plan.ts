import { isRecord, UserError, type RelativePath } from "@slipway/kernel";
import type { FileEdit, VersionPlan } from "./types.ts";

/**
 * A plan that was kept as JSON.
 *
 * @throws UserError config/malformed for what is no plan, or names a file outside of the workspace
 */
export function readVersionPlan(text: string, file: string): VersionPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed(file, "it is not JSON", cause);
  }
  if (
    !isRecord(value) ||
    value["schema"] !== 1 ||
    !Array.isArray(value["edits"]) ||
    !Array.isArray(value["bumps"])
  )
    throw malformed(file, "it has not the form of `slipway version --plan --json`");
  for (const edit of value["edits"] as unknown[]) {
    if (!isEdit(edit)) throw malformed(file, "one of its edits is no edit");
    if (!isInside(edit.path))
      throw malformed(file, `${JSON.stringify(edit.path)} leads out of the workspace`);
  }
  return value as unknown as VersionPlan;
}

function isEdit(value: unknown): value is FileEdit {
  if (!isRecord(value) || typeof value["path"] !== "string") return false;
  return ["before", "after"].every((key) => typeof value[key] === "string" || value[key] === null);
}

function isInside(path: RelativePath): boolean {
  const parts = path.split("/");
  return parts.every((part) => part !== "" && part !== "." && part !== ".." && part.toLowerCase() !== ".git");
}

function malformed(file: string, reason: string, cause?: unknown): UserError {
  return new UserError("config/malformed", `${file} is no plan of versions: ${reason}`, {
    hint: "make it with `slipway version-pr --prepare FILE`",
    cause,
  });
}
