import { tagsElsewhere, untaggedVersions, type GitTag, type ReleasePlan } from "@slipway/plan";
import type { ReleaseGround } from "./ground.ts";
import type { ReleaseStory } from "./request.ts";

export interface TagFacts {
  readonly ground: Pick<ReleaseGround, "has" | "tags">;
  /** The tags that there are, with their commits. */
  readonly existing: Readonly<Record<string, string>>;
  readonly singlePackage: boolean;
  readonly tell: (story: ReleaseStory) => void;
}

const namedMax = 5;

/**
 * The plan without git tags whose commit is cut off from a shallow clone: the release of today does not wait for them.
 * What is not going to be tagged, and tags that go nowhere, are said.
 */
export async function withTagsThatCanBeMade(plan: ReleasePlan, facts: TagFacts): Promise<ReleasePlan> {
  const { ground } = facts;
  const note = (text: string): void => facts.tell({ type: "note", text });
  const gitTags: GitTag[] = [];
  for (const tag of plan.gitTags) {
    if (tag.commit === plan.commit || (await ground.has(tag.commit))) gitTags.push(tag);
    else
      note(
        `the git tag ${tag.name} is missing, and its commit ${tag.commit} is not in this clone: fetch it, and release again`,
      );
  }
  if (gitTags.length > 0 && !ground.tags.hasRemote)
    note("there is no remote named origin: the git tags are made in this clone only");
  for (const { name, commit } of tagsElsewhere(plan, facts))
    note(
      `the git tag ${name} stands at ${commit} already, and stays there: this release is of ${plan.commit}`,
    );
  const untagged = untaggedVersions(plan, facts);
  if (untagged.length > 0) {
    const more = untagged.length > namedMax ? ` and ${untagged.length - namedMax} more` : "";
    note(
      `on the registry without a git tag, and not published by Slipway, so nothing says at which commit: ${untagged.slice(0, namedMax).join(", ")}${more}`,
    );
  }
  return { ...plan, gitTags };
}
