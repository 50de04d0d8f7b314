import { UserError } from "@slipway/kernel";
import type { GitTag, ReleasePlan } from "@slipway/plan";
import type { ReleaseContext } from "./context.ts";
import type { Answer, GitPort } from "./ports.ts";
import { guarded, settle, type Look, type Settled } from "./settle.ts";

/** Makes and pushes the tags that are missing, all in one push. A tag that stands elsewhere is a conflict. */
export async function tagInGit(context: ReleaseContext): Promise<Settled> {
  const { plan, ports, limits, pacing } = context;
  const { git } = ports;
  if (!git || wantedTags(plan).length === 0) return { outcome: "done" };
  let there: Readonly<Record<string, string>> = {};
  const look = () =>
    guarded(async () => {
      there = await git.tags(names(wantedTags(plan)));
      return lookAtTags(plan, there);
    });
  const before = await look();
  if (before.seen === "ours") return { outcome: "already-ours" };
  if (before.seen === "foreign") return { outcome: "conflict", message: before.message };
  return settle({
    act: async () => {
      try {
        return await pushMissing(context, { git, there });
      } catch (error) {
        if (error instanceof UserError) return { outcome: "unknown", message: error.message };
        throw error;
      }
    },
    look,
    looksFirst: before.seen === "nothing",
    looksAfter: true,
    pacing,
    clock: ports.clock,
    attemptsMax: limits.attemptsMax,
    onRetry: (durationMs, message) => {
      ports.onEvent({ type: "waiting", because: "retry", durationMs, message: `git tags: ${message}` });
    },
    stopped: () => ports.stopped(),
  });
}

/** First those of the packages, then the batch's own, alone: an event of its own for whoever waits for the whole. */
async function pushMissing(
  { plan }: ReleaseContext,
  { git, there }: { readonly git: GitPort; readonly there: Readonly<Record<string, string>> },
): Promise<Answer> {
  const wanted = wantedTags(plan);
  const missing = wanted.filter((tag) => there[tag.name] === undefined);
  const own = missing.filter(({ name }) => name !== plan.gitBatchTag);
  const batch = missing.filter(({ name }) => name === plan.gitBatchTag);
  const pushes = plan.gitPush === "each" ? own.map((tag) => [tag]) : [own];
  for (const tags of [...pushes, batch]) {
    const answer: Answer = tags.length === 0 ? { outcome: "accepted" } : await git.push(tags);
    if (answer.outcome !== "accepted") return answer;
  }
  return { outcome: "accepted" };
}

type WantedTag = Pick<GitTag, "name" | "commit">;

function wantedTags({ gitTags, gitBatchTag, commit }: ReleasePlan): readonly WantedTag[] {
  return gitBatchTag === null ? gitTags : [...gitTags, { name: gitBatchTag, commit }];
}

function lookAtTags(plan: ReleasePlan, there: Readonly<Record<string, string>>): Look {
  for (const { name, commit } of plan.gitTags) {
    const at = there[name];
    if (at === undefined || at === commit) continue;
    return { seen: "foreign", message: `the git tag ${name} stands at ${at}, the release is of ${commit}` };
  }
  // The batch's own tag has the release's id in its name: wherever it stands, it is this one.
  return wantedTags(plan).every(({ name }) => there[name] !== undefined)
    ? { seen: "ours" }
    : { seen: "absent" };
}

function names(tags: readonly WantedTag[]): string[] {
  return tags.map(({ name }) => name);
}
