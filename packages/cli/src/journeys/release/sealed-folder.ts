import { replaceDurably } from "@slipway/host";
import { integrityOf, isRecord, UserError, type PackageName } from "@slipway/kernel";
import { releasePlanDigest, type ReleasePlan } from "@slipway/plan";
import type { SealedTarball } from "@slipway/release";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** A batch ready to go out: what `slipway seal` writes, and what a release keeps until it has ended. */
export interface SealedBatch {
  /** Sealed: every package has its digest. */
  readonly plan: ReleasePlan;
  /** With absolute paths. */
  readonly tarballs: readonly SealedTarball[];
}

interface SealedManifest {
  readonly schema: 1;
  readonly planDigest: string;
  readonly plan: ReleasePlan;
  /** Paths are relative to the folder. */
  readonly tarballs: readonly SealedTarball[];
}

const manifestName = "sealed.json";

/** Writes tarballs first and the manifest last: a folder with a manifest is whole. */
export async function writeSealedFolder(folder: string, batch: SealedBatch): Promise<SealedBatch> {
  await mkdir(join(folder, "tarballs"), { recursive: true });
  const tarballs: SealedTarball[] = [];
  for (const tarball of batch.tarballs) {
    const path = join("tarballs", basename(tarball.path));
    if (tarball.path !== join(folder, path)) await copyFile(tarball.path, join(folder, path));
    tarballs.push({ ...tarball, path });
  }
  const manifest: SealedManifest = {
    schema: 1,
    planDigest: releasePlanDigest(batch.plan),
    plan: batch.plan,
    tarballs,
  };
  await replaceDurably(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  return readSealedFolder(folder);
}

/**
 * Reads a sealed batch and checks every byte of it.
 *
 * @throws UserError `release/seal-broken` naming all that is no longer what was sealed
 */
export async function readSealedFolder(folder: string): Promise<SealedBatch> {
  const manifest = await manifestIn(folder);
  const problems: string[] = [];
  if (releasePlanDigest(manifest.plan) !== manifest.planDigest) problems.push(`${manifestName} was changed`);
  const planned = new Map<PackageName, string | null>(
    manifest.plan.packages.map(({ name, integrity }) => [name, integrity]),
  );
  for (const tarball of manifest.tarballs) {
    const bytes = await readFile(join(folder, tarball.path)).catch(() => null);
    if (!bytes) problems.push(`${tarball.path} is missing`);
    else if (integrityOf(bytes) !== tarball.integrity || tarball.integrity !== planned.get(tarball.name)) {
      problems.push(`${tarball.path} is not what was sealed`);
    }
  }
  const sealed = new Set(manifest.tarballs.map(({ name }) => name));
  for (const { name, state } of manifest.plan.packages) {
    if (state === "missing" && !sealed.has(name)) problems.push(`the tarball of ${name} is missing`);
  }
  if (problems.length > 0) throw broken(folder, problems);
  const tarballs = manifest.tarballs.map((tarball) => ({ ...tarball, path: join(folder, tarball.path) }));
  return { plan: manifest.plan, tarballs };
}

async function manifestIn(folder: string): Promise<SealedManifest> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(folder, manifestName), "utf8"));
  } catch (cause) {
    throw broken(folder, [`${manifestName} cannot be read`], cause);
  }
  if (
    !isRecord(value) ||
    value["schema"] !== 1 ||
    !isRecord(value["plan"]) ||
    !Array.isArray(value["tarballs"])
  ) {
    throw broken(folder, [`${manifestName} is no manifest of a sealed release`]);
  }
  return value as unknown as SealedManifest;
}

function broken(folder: string, problems: readonly string[], cause?: unknown): UserError {
  return new UserError(
    "release/seal-broken",
    `the sealed release in ${folder} is not whole: ${problems.join("; ")}`,
    {
      hint: "seal it again from a clean checkout; nothing was published",
      problems: problems.map((message) => ({ code: "release/seal-broken", message })),
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
