import { makeScratchFolder } from "@slipway/host";
import { eachAtOnce, UserError } from "@slipway/kernel";
import { sealPlan, type PlannedPackage, type ReleasePlan } from "@slipway/plan";
import { registryClient, startVerdaccio, type NpmSettings } from "@slipway/registry";
import type { RegistryPort, SealedTarball } from "@slipway/release";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { verdictTexts } from "../../report/finding.ts";
import { plural } from "../../report/text.ts";
import { userCacheDir } from "../../wire/cache-dir.ts";
import { loadForTasks } from "../../wire/load-for-tasks.ts";
import { subjectOf } from "../../wire/gate-ports.ts";
import type { LoadedVersioning } from "../../wire/load-versioning.ts";
import { buildPackages, planBuild } from "../build-packages.ts";
import { installMissing } from "../install-missing.ts";
import { judgePackages } from "../judge-packages.ts";
import { hasLifecycle, sealPackages } from "../seal-packages.ts";
import { stagePackages } from "../stage-packages.ts";
import type { ReleaseRequest, ReleaseStory } from "./request.ts";
import type { SealedBatch } from "./sealed-folder.ts";
import { stagedBytes } from "./staged-here.ts";

export interface Preparation {
  readonly request: ReleaseRequest;
  readonly versioning: LoadedVersioning;
  readonly npmrc: NpmSettings;
  readonly registry: (url: string) => RegistryPort;
  /** The folder that the tarballs are written to. */
  readonly to: string;
  readonly tell: (story: ReleaseStory) => void;
}

/**
 * Builds and packs what is missing, takes what is already there as it is served, and has all of it judged on a staging
 * registry.
 *
 * @throws UserError `release/build-failed`, `release/gate-failed`; nothing was published then
 */
export async function prepareBatch(plan: ReleasePlan, preparation: Preparation): Promise<SealedBatch> {
  const missing = plan.packages.filter(({ state }) => state === "missing");
  const there = plan.packages.filter(({ state }) => state !== "missing");
  await mkdir(preparation.to, { recursive: true });
  const sealed = missing.length > 0 ? await buildAndSeal(plan.commit, missing, preparation) : [];
  const adopted = await adopt(there, preparation);
  const all = [...sealed, ...adopted];
  await judge(plan, all, preparation);
  const integrities = Object.fromEntries(all.map(({ name, integrity }) => [name, integrity]));
  return { plan: sealPlan(plan, integrities), tarballs: all };
}

async function buildAndSeal(
  commit: string,
  missing: readonly PlannedPackage[],
  { request, versioning, npmrc, to, tell }: Preparation,
): Promise<readonly SealedTarball[]> {
  // Planning the release reads no tasks.
  const say = (text: string): void => tell({ type: "note", text });
  const { root, workspace } = await loadForTasks({ cwd: versioning.root, env: request.env, say }, {});
  const names = missing.map(({ name }) => name);
  const build = planBuild(workspace, names, request.buildTask);
  for (const text of build.notes) tell({ type: "note", text });
  const mayRun = workspace.packages.some((each) => names.includes(each.name) && hasLifecycle(each));
  if (build.plans.length > 0 || mayRun) await installMissing(versioning, { commit, npmrc, request, tell });
  if (build.plans.length > 0) {
    tell({ type: "phase", phase: "build", count: names.length });
    await buildPackages(build, (plan) => request.carryOut(root, plan));
  }
  tell({ type: "phase", phase: "seal", count: names.length });
  return sealPackages({
    root,
    workspace,
    names,
    to,
    env: request.env,
    runScripts: async (copy, plan) => (await request.carryOut(copy, plan)).exit === 0,
  });
}

/** A batch of which all is on the registry: its bytes as they are served. Whoever uploaded them had them judged. */
export async function adoptBatch(plan: ReleasePlan, adoption: Adoption): Promise<SealedBatch> {
  await mkdir(adoption.to, { recursive: true });
  const tarballs = await adopt(plan.packages, adoption);
  const integrities = Object.fromEntries(tarballs.map(({ name, integrity }) => [name, integrity]));
  return { plan: sealPlan(plan, integrities), tarballs };
}

export type Adoption = Pick<Preparation, "registry" | "to" | "tell">;

/** What this batch uploaded before, from this machine or another, stays as it is: its bytes come from the registry. */
async function adopt(
  there: readonly PlannedPackage[],
  { registry, to, tell }: Adoption,
): Promise<readonly SealedTarball[]> {
  if (there.length > 0) tell({ type: "phase", phase: "adopt", count: there.length });
  const adopted = new Map<string, SealedTarball>();
  await eachAtOnce(there, downloadsAtOnce, async (each) => {
    const bytes = await (each.state === "staged" ? asStaged : asListed)(each, registry(each.registry));
    adopted.set(each.name, await keptAsServed(each, bytes, to));
  });
  return there.flatMap(({ name }) => adopted.get(name) ?? []);
}

const downloadsAtOnce = 8;
const downloadsMax = 3;

async function asStaged(each: PlannedPackage, registry: RegistryPort): Promise<Uint8Array> {
  const found = await stagedBytes(each, registry, [each.integrity ?? ""]);
  if (found) return found.bytes;
  const { name, version } = each;
  throw new UserError(
    "registry/unreachable",
    `${name}@${version} was staged when this was planned, and is not now`,
    {
      hint: "somebody may have approved or rejected it meanwhile: run the same command again",
    },
  );
}

/** A copy that was damaged on the way is fetched again. What is not what the registry lists can't be adopted. */
async function asListed(each: PlannedPackage, registry: RegistryPort): Promise<Uint8Array> {
  const { integrityOf } = await import("@slipway/kernel");
  let served: string | null = null;
  for (let count = 1; count <= downloadsMax; count++) {
    const bytes = await registry.download(each.name, each.version);
    served = bytes && integrityOf(bytes);
    if (bytes && served === each.integrity) return bytes;
  }
  throw notServed(each, served);
}

async function keptAsServed(each: PlannedPackage, bytes: Uint8Array, to: string): Promise<SealedTarball> {
  const { integrityOf, sha256 } = await import("@slipway/kernel");
  const { gunzipSync } = await import("node:zlib");
  const subject = subjectOf(bytes, each, integrityOf(bytes));
  const path = join(to, `${each.name.replace("@", "").replace("/", "-")}-${each.version}.tgz`);
  await writeFile(path, bytes);
  return {
    name: each.name,
    version: each.version,
    integrity: integrityOf(bytes),
    tarSha256: sha256(gunzipSync(bytes)),
    sizeBytes: bytes.length,
    files: subject.files.paths,
    manifest: subject.manifest,
    path,
  };
}

function notServed(each: PlannedPackage, served: string | null): UserError {
  const { name, version, registry, integrity } = each;
  const what =
    served === null
      ? "and does not serve its tarball yet"
      : `as ${integrity}, and serves a tarball with ${served}`;
  return new UserError("registry/unreachable", `${registry} lists ${name}@${version} ${what}`, {
    hint:
      served === null
        ? "run the same command again in some minutes"
        : "nobody can install it: tell the registry, and raise the version",
  });
}

/** Installs and starts what will go out, from a registry of its own, before anybody else can get it. */
async function judge(
  plan: ReleasePlan,
  tarballs: readonly SealedTarball[],
  { request, npmrc, tell }: Preparation,
): Promise<void> {
  const scratch = makeScratchFolder("release");
  const scopes = Object.fromEntries(
    Object.entries(npmrc.scopes).map(([scope, url]) => [scope, npmrc.target(url)]),
  );
  try {
    const server = await startVerdaccio({
      storage: join(scratch.path, "staging"),
      uplink: npmrc.target(npmrc.registry),
      scopes,
      cacheDir: userCacheDir(request.env),
    });
    try {
      const staging = registryClient({ url: server.url, auth: null });
      tell({ type: "phase", phase: "stage", count: tarballs.length });
      await stagePackages(tarballs, staging);
      tell({ type: "phase", phase: "gates", count: tarballs.length });
      const folder = join(scratch.path, "gates");
      await mkdir(folder);
      const results = await judgePackages({
        tarballs,
        registry: staging,
        folder,
        env: request.env,
        before: Object.fromEntries(plan.packages.map(({ name, from }) => [name, from])),
        stopping: plan.gates,
        onResult: (result) => tell({ type: "gate", result }),
      });
      const failed = results.filter(({ verdict }) => verdict.outcome === "fail");
      if (failed.length > 0) throw gateFailed(failed);
    } finally {
      await server.close();
    }
  } finally {
    await scratch.discard();
  }
}

function gateFailed(failed: Awaited<ReturnType<typeof judgePackages>>): UserError {
  const problems = failed.flatMap(({ package: name, version, gate, verdict }) => {
    return verdictTexts(verdict).map((text) => ({
      code: "release/gate-failed" as const,
      message: `${name}@${version}: ${gate}: ${text}`,
    }));
  });
  const packages = new Set(failed.map(({ package: name }) => name)).size;
  return new UserError("release/gate-failed", `${plural(packages, "package")} did not pass the gates`, {
    hint: "nothing was published; mend what the gates found, and release again; what is meant to be so: `release.warnOnly` in slipway.json",
    problems,
  });
}
