import { UserError } from "@slipway/kernel";
import type { Snapshot } from "./types.ts";

/**
 * The prerelease part of a snapshot's version: `canary-20260102030405`, or the template with its placeholders filled.
 *
 * @throws UserError `changeset/refused` when the template and the given tag do not go together
 */
export function snapshotSuffix(template: string | null, snapshot: Snapshot): string {
  const at = new Date(snapshot.nowMs);
  const values: Readonly<Record<string, string | null>> = {
    commit: snapshot.commit,
    "commit-short": snapshot.commit?.slice(0, 7) ?? null,
    tag: snapshot.tag,
    timestamp: String(snapshot.nowMs),
    datetime: at
      .toISOString()
      .replace(/\.\d{3}Z$/, "")
      .replaceAll(/\D/g, ""),
  };
  if (template === null) return [snapshot.tag, values["datetime"]].filter((part) => part !== null).join("-");
  if (snapshot.tag !== null && !template.includes("{tag}")) {
    throw refused(
      `the snapshot template "${template}" has no {tag}, but the tag "${snapshot.tag}" was given`,
    );
  }
  return template.replaceAll(/\{(commit-short|commit|tag|timestamp|datetime)\}/g, (_, key: string) => {
    const value = values[key] ?? null;
    if (value === null)
      throw refused(`the snapshot template "${template}" uses {${key}}, which has no value here`);
    return value;
  });
}

function refused(message: string): UserError {
  const hint = "the template stands in .changeset/config.json as snapshot.prereleaseTemplate";
  return new UserError("changeset/refused", message, { hint });
}
