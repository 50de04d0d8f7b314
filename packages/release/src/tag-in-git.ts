import { UserError } from "@slipway/kernel";
import type { GitTag } from "@slipway/plan";
import type { ReleaseContext } from "./context.ts";
import { guarded, settle, type Look, type Settled } from "./settle.ts";

/** Makes and pushes the tags that are missing, all in one push. A tag that stands elsewhere is a conflict. */
export async function tagInGit(context: ReleaseContext): Promise<Settled> {
  const { plan, ports, limits, pacing } = context;
  const { git } = ports;
  if (!git || plan.gitTags.length === 0) return { outcome: "done" };
  const look = () => guarded(async () => lookAtTags(plan.gitTags, await git.tags(names(plan.gitTags))));
  const before = await look();
  if (before.seen === "ours") return { outcome: "already-ours" };
  if (before.seen === "foreign") return { outcome: "conflict", message: before.message };
  return settle({
    act: async () => {
      try {
        const there = await git.tags(names(plan.gitTags));
        return await git.push(plan.gitTags.filter((tag) => there[tag.name] === undefined));
      } catch (error) {
        if (error instanceof UserError) return { outcome: "unknown", message: error.message };
        throw error;
      }
    },
    look,
    pacing,
    clock: ports.clock,
    attemptsMax: limits.attemptsMax,
    onRetry: (durationMs, message) => {
      ports.onEvent({ type: "waiting", because: "retry", durationMs, message: `git tags: ${message}` });
    },
    stopped: () => ports.stopped(),
  });
}

function lookAtTags(tags: readonly GitTag[], there: Readonly<Record<string, string>>): Look {
  for (const { name, commit } of tags) {
    const at = there[name];
    if (at === undefined || at === commit) continue;
    return { seen: "foreign", message: `the git tag ${name} stands at ${at}, the release is of ${commit}` };
  }
  return tags.every(({ name }) => there[name] !== undefined) ? { seen: "ours" } : { seen: "absent" };
}

function names(tags: readonly GitTag[]): string[] {
  return tags.map(({ name }) => name);
}
