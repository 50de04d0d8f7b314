import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
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
  }: {
    readonly registry: RegistryPort;
    readonly url: string;
    readonly folder: string;
    readonly build: string;
    readonly mode?: "tag" | "stage";
  },
): Promise<Replanned> {
  const names = batch.plan.packages.map(({ name }) => name);
  const published: Record<string, PackageView | null> = {};
  for (const name of names) published[name] = await registry.view(name);
  const plan = planRelease({
    commit: batch.commit,
    mode,
    channel: null,
    preTag: null,
    candidates: candidatesOf(names, url),
    published,
    gitTags: {},
    singlePackage: false,
    gates: [],
  });
  const tarballs: SealedTarball[] = [];
  for (const { name, version, state } of plan.packages) {
    const rebuilt = packed(join(folder, build || "again"), { name, at: names.indexOf(name), version, build });
    const served = state === "uploaded" ? await registry.download(name, version) : null;
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
