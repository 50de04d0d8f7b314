import { parse, validRange } from "semver";
import type { PublishedPackage, ReleaseCandidate, ReleaseInput } from "./types.ts";

/**
 * The dist-tag that a version gets, as changesets chooses it: the channel asked for, in pre mode its tag (`latest` for a
 * package that only ever had such prereleases), else publishConfig.tag, else `latest`.
 */
export function distTagOf(
  candidate: Pick<ReleaseCandidate, "publishTag">,
  input: Pick<ReleaseInput, "channel" | "preTag">,
  view: PublishedPackage | null,
): string {
  if (input.channel !== null) return input.channel;
  if (input.preTag !== null) return onlyHas(view, input.preTag) ? "latest" : input.preTag;
  return candidate.publishTag ?? "latest";
}

function onlyHas(view: PublishedPackage | null, preTag: string): boolean {
  const versions = Object.keys(view?.versions ?? {});
  return versions.length > 0 && versions.every((version) => parse(version)?.prerelease[0] === preTag);
}

/** Why npm would refuse a dist-tag; null: it would not. */
export function distTagFault(tag: string): string | null {
  if (tag === "" || encodeURIComponent(tag) !== tag) return "it may have letters, digits and - . _ only";
  if (validRange(tag) !== null) return "npm would read it as a range of versions";
  return /^slipway-[0-9a-f]{12}$/.test(tag) ? "such names are those of unfinished releases" : null;
}
