import { waves } from "@slipway/kernel";
import type { ForgeReleaseSources, TaggedPackage } from "@slipway/plan";
import type { LoadedVersioning } from "../../wire/load-versioning.ts";
import { releaseCandidates } from "../../wire/release-candidates.ts";
import { hasForgeToken, releaseOnForge, type ForgeSetting } from "./forge-releases.ts";
import type { ReleaseGround, ReleaseOutcome } from "./ground.ts";
import { isSinglePackage } from "./plan-batch.ts";
import type { ReleaseRequest } from "./request.ts";

type Setting = Pick<ForgeSetting, "tell"> & { readonly request: ReleaseRequest };

/** All is released; what an interrupted run on this or another machine did not get to tell the forge is made up for. */
export async function healedOnForge(
  ground: ReleaseGround,
  versioning: LoadedVersioning,
  { request, tell }: Setting,
): Promise<ReleaseOutcome> {
  if (!hasForgeToken(request.env)) return { state: "nothing" };
  const sources = () => taggedHere(ground, versioning, request.channel);
  const { failures } = await releaseOnForge(sources, { ground, request, tell, journal: null });
  if (failures.length === 0) return { state: "nothing" };
  return { state: "unfinished", released: [], parked: [], conflicts: [], failures, published: [] };
}

/** The git tags of the workspace's versions at this very commit. Older ones are not filled in. */
async function taggedHere(
  ground: ReleaseGround,
  versioning: LoadedVersioning,
  channel: string | null,
): Promise<ForgeReleaseSources> {
  const candidates = releaseCandidates(
    versioning,
    (name, config) => ground.npmrc.publishTarget(name, config).url,
  );
  const byName = new Map(candidates.map((each) => [each.name, each]));
  const there = Object.entries(await ground.tags.tags()).filter(([, commit]) => commit === ground.commit);
  const names = new Set(there.map(([name]) => name));
  const isSingle = isSinglePackage(versioning);
  const needs = candidates.map(
    ({ name, needs: all }) => [name, all.filter((need) => byName.has(need))] as const,
  );
  // Those of a cycle are in no wave.
  const order = new Set([...waves(new Map(needs)).flat(), ...byName.keys()]);
  const tags = [...order].flatMap((name): TaggedPackage[] => {
    const each = byName.get(name);
    if (!each || each.version === null) return [];
    const tag = isSingle ? `v${each.version}` : `${name}@${each.version}`;
    if (!names.has(tag)) return [];
    const distTag = each.private ? null : (channel ?? each.publishTag ?? "latest");
    return [{ name: tag, commit: ground.commit, package: name, version: each.version, distTag }];
  });
  const batchTag = there.find(([name]) => /^release-[0-9a-f]{12}$/.test(name))?.[0] ?? null;
  return { tags, batchTag, commit: ground.commit };
}
