import { inc, prerelease } from "semver";
import type { Bump } from "../types.ts";

/**
 * The next prerelease of a package on a channel: 1.2.0 and a minor give 1.3.0-beta.0. While the version to come covers
 * the bump, only the number behind the word goes up: 1.3.0-beta.0 and a patch give 1.3.0-beta.1.
 */
export function channelVersion(current: string, type: Exclude<Bump, "none">, tag: string): string {
  const target = inc(current, type);
  const before = prerelease(current);
  const [word, count] = before ?? [];
  const same = before !== null && current.startsWith(`${target}-`) && word === tag;
  return `${target}-${tag}.${same && typeof count === "number" ? count + 1 : 0}`;
}

/** Whether a bump of this kind makes of a prerelease no other version than the one that it came before. */
export function versionFits(version: string, type: Exclude<Bump, "none">): boolean {
  return inc(version, type) === version.replace(/-.*$/, "");
}
