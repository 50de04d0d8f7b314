import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stagedByUs, stagedBytes } from "../../../packages/cli/src/journeys/release/staged-here.ts";
import type { StagedNotes } from "../../../packages/host/src/index.ts";
import { integrityOf, sha256 } from "../../../packages/kernel/src/index.ts";
import { planRelease, sealPlan, type ReleasePlan } from "../../../packages/plan/src/index.ts";
import type { PackageView, RegistryPort, SealedTarball } from "../../../packages/release/src/index.ts";
import { candidatesOf, packed, type ProvedBatch } from "./sealed-batch.ts";

/** What `release` takes. */
export interface Replanned {
  readonly plan: ReleasePlan;
  readonly tarballs: readonly SealedTarball[];
}

/**
 * A machine that knows nothing of the release: it asks the registry, takes what is there as it is served, and packs the
 * rest from a build that gives other bytes.
 */
export async function replanned(
  batch: ProvedBatch,
  {
    registry,
    url,
    folder,
    build,
    mode = "tag",
    notes,
  }: {
    readonly registry: RegistryPort;
    readonly url: string;
    readonly folder: string;
    readonly build: string;
    readonly mode?: "tag" | "stage";
    /** What releases wrote down of what they staged. */
    readonly notes: StagedNotes;
  },
): Promise<Replanned> {
  const names = batch.plan.packages.map(({ name }) => name);
  const published: Record<string, PackageView | null> = {};
  for (const name of names) published[name] = await registry.view(name);
  const asked = names
    .filter((name) => !published[name]?.versions["1.1.0"])
    .map((name) => ({ name, version: "1.1.0", registry: url }));
  const staged = mode === "stage" ? await stagedByUs({ notes, registry: () => registry }, asked) : {};
  const plan = planRelease({
    commit: batch.commit,
    mode,
    staged,
    channel: null,
    preTag: null,
    candidates: candidatesOf(names, url),
    published,
    gitTags: {},
    singlePackage: false,
    gates: [],
  });
  const tarballs: SealedTarball[] = [];
  for (const { name, version, state, integrity } of plan.packages) {
    const rebuilt = packed(join(folder, build || "again"), { name, at: names.indexOf(name), version, build });
    const waiting =
      state === "staged" ? await stagedBytes({ name, version }, registry, [integrity ?? ""]) : null;
    const served = state === "uploaded" ? await registry.download(name, version) : (waiting?.bytes ?? null);
    tarballs.push(served ? await asServed(rebuilt, served) : rebuilt);
  }
  const integrities = Object.fromEntries(tarballs.map(({ name, integrity }) => [name, integrity]));
  return { plan: sealPlan(plan, integrities), tarballs };
}

async function asServed(rebuilt: SealedTarball, bytes: Uint8Array): Promise<SealedTarball> {
  writeFileSync(rebuilt.path, bytes);
  const kept = await readFile(rebuilt.path);
  return { ...rebuilt, integrity: integrityOf(kept), tarSha256: sha256(kept), sizeBytes: kept.length };
}
