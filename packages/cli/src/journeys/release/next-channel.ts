import { UserError } from "@slipway/kernel";
import {
  decidePromotion,
  planPromotion,
  planRollback,
  soakMs,
  type ReleaseChannel,
  type TagPlan,
  type TagSources,
} from "@slipway/plan";
import { checkHealth } from "./check-health.ts";
import type { ReleaseGround } from "./ground.ts";
import { promotionsOf, type TagChange } from "./tag-history.ts";

export interface ChannelRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly force: boolean;
  readonly nowMs: number;
  readonly say: (text: string) => void;
}

/**
 * The dist-tags that take a release to its next channel, or back, when a check finds it ill.
 *
 * @throws UserError `release/soaking` while its time is not over, saying how much is left; `release/unknown`
 */
export async function planNextChannel(
  sources: TagSources,
  ground: ReleaseGround,
  { env, force, nowMs, say }: ChannelRequest,
): Promise<TagPlan> {
  const { channels } = ground.settings;
  const history = await promotionsOf(ground, sources.release);
  const before = takenBack(sources);
  if (before && !force) {
    say(`release ${sources.release} was ${before.message}`);
    return backFrom(before.channel, sources, { history, message: before.message });
  }
  const tags = tagsOfAll(sources);
  const facts = { channels, tags, sinceMs: since(sources, { channels, history, tags, nowMs }), nowMs, force };
  let decision = decidePromotion({ ...facts, results: null });
  if (decision.action === "check") {
    const { root, npmrc } = ground;
    const { packages } = sources;
    const results = await checkHealth(decision.checks, {
      root,
      env,
      npmrc,
      channel: decision.from,
      packages,
    });
    for (const { check, fault } of results) say(`${fault === null ? "well" : "ill"}: ${check}`);
    decision = decidePromotion({ ...facts, results });
  }
  switch (decision.action) {
    case "promote":
      say(`from ${decision.from} to ${decision.to}: ${decision.because}`);
      return planPromotion(sources, decision.to);
    case "rollback":
      say(`back from ${decision.from}: ${decision.because}`);
      return backFrom(decision.from, sources, {
        history,
        message: `taken back from ${decision.from}: ${decision.because}`.slice(0, 500),
      });
    case "done":
      say(`release ${sources.release} is on ${decision.from}, the last channel`);
      return planPromotion(sources, decision.from);
    case "wait":
      throw soaking(sources.release, decision);
    case "check":
    case "stranger":
      throw new UserError("release/unknown", `release ${sources.release} is on none of the channels`, {
        hint: `release it to the first: slipway release --channel ${channels[0]?.tag ?? "canary"}`,
      });
  }
}

function tagsOfAll({ packages, published }: TagSources): ReadonlySet<string> {
  const [first, ...rest] = packages.map(({ name, version }) => {
    const tags = Object.entries(published[name]?.distTags ?? {});
    return new Set(tags.flatMap(([tag, at]) => (at === version ? [tag] : [])));
  });
  return new Set([...(first ?? [])].filter((tag) => rest.every((tags) => tags.has(tag))));
}

/**
 * When the last channel was reached: as this machine did it, else at the earliest that the soak times before it allow
 * after the upload.
 */
function since(
  { packages, published }: TagSources,
  {
    channels,
    history,
    tags,
    nowMs,
  }: {
    readonly channels: readonly ReleaseChannel[];
    readonly history: readonly TagChange[];
    readonly tags: ReadonlySet<string>;
    readonly nowMs: number;
  },
): number {
  const at = channels.findLastIndex(({ tag }) => tags.has(tag));
  const here = channels[at]?.tag;
  const change = history.findLast(({ moves }) => moves.some(({ tag }) => tag === here));
  if (change) return change.atMs;
  const times = packages.map(({ name, version }) => {
    const time = Date.parse(published[name]?.publishedAt?.[version] ?? "");
    return Number.isNaN(time) ? nowMs : time;
  });
  const before = channels.slice(0, Math.max(at, 0)).map(soakMs);
  return before.reduce((sum, each) => sum + each, Math.max(...times));
}

/** An ill release stays ill for whoever asks next, on any machine: its versions say so to npm's users, too. */
function takenBack({
  packages,
  published,
}: TagSources): { readonly channel: string; readonly message: string } | null {
  for (const { name, version } of packages) {
    const message = published[name]?.versions[version]?.manifest["deprecated"];
    if (typeof message !== "string") continue;
    const channel = /^taken back from ([\w.-]+): /.exec(message)?.[1];
    if (channel !== undefined) return { channel, message };
  }
  return null;
}

/** The first channel's dist-tags go where the release found them; a later one's where the promotion found them. */
function backFrom(
  channel: string,
  sources: TagSources,
  { history, message }: { readonly history: readonly TagChange[]; readonly message: string },
): TagPlan {
  const moves = history.flatMap((each) => each.moves).filter(({ tag }) => tag === channel);
  const packages = sources.packages.map((each) => {
    const move = moves.findLast((one) => one.package === each.name);
    return move ? { ...each, tag: channel, before: move.from } : each;
  });
  return planRollback({ ...sources, packages }, message);
}

function soaking(
  release: string,
  { from, to, leftMs }: { readonly from: string; readonly to: string; readonly leftMs: number },
): UserError {
  const minutes = Math.ceil(leftMs / 60_000);
  const short = minutes < 2 ? `${Math.ceil(leftMs / 1000)} s` : `${minutes} min`;
  const left = minutes < 120 ? short : `${Math.ceil(minutes / 60)} h`;
  return new UserError("release/soaking", `release ${release} stays on ${from} for another ${left}`, {
    hint: `run the same command then, or take it to ${to} now with --force`,
  });
}
