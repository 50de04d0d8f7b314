import { markOf, type BatchMark } from "./batch-mark.ts";
import type { ReleaseCandidate, ReleaseInput, StagedPackage } from "./types.ts";

/** What says of a package's current version, on the registry or waiting there, which release of ours it belongs to. */
export function markOfMember(member: ReleaseCandidate, input: ReleaseInput): BatchMark | null {
  const version = input.published[member.name]?.versions[member.version ?? ""];
  return version ? markOf(version.manifest) : (stagedOf(member, input)?.mark ?? null);
}

export function stagedOf(member: ReleaseCandidate, { staged }: ReleaseInput): StagedPackage | null {
  const waiting = staged?.[member.name];
  return waiting && waiting.version === member.version ? waiting : null;
}
