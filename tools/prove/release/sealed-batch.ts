import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { integrityOf, sha256, type PackageName } from "../../../packages/kernel/src/index.ts";
import {
  planRelease,
  sealPlan,
  type ReleaseCandidate,
  type ReleasePlan,
} from "../../../packages/plan/src/index.ts";
import { gzip, writeTar } from "../../../packages/registry/src/index.ts";
import type { SealedTarball } from "../../../packages/release/src/index.ts";
import type { FaultRegistry, SeenRequest, Snapshot } from "../../../packages/testkit/src/index.ts";
import { writeSealedFolder } from "../../../packages/cli/src/journeys/release/sealed-folder.ts";

/** Packages `@prove/p0` to `@prove/pN`, 1.1.0, each needing the two before it; 1.0.0 of all but the first is out. */
export interface ProvedBatch {
  readonly plan: ReleasePlan;
  readonly commit: string;
  /** What `slipway release --from` takes. */
  readonly sealed: string;
  /** A clone and its bare origin, to be copied for each trial. */
  readonly repository: string;
  readonly origin: string;
}

export interface BatchOptions {
  readonly count: number;
  readonly url: string;
  readonly mode?: "tag" | "stage";
}

export async function makeBatch(
  folder: string,
  { count, url, mode = "tag" }: BatchOptions,
): Promise<ProvedBatch> {
  const origin = join(folder, "origin.git");
  const repository = join(folder, "repository");
  const commit = makeRepository(repository, origin, url);
  const names = Array.from({ length: count }, (_, at) => `@prove/p${at}`);
  const tarballs = names.map((name, at) => packed(join(folder, "packed"), { name, at, version: "1.1.0" }));
  const plan = planRelease({
    commit,
    mode,
    channel: null,
    preTag: null,
    candidates: candidatesOf(names, url),
    published: Object.fromEntries(names.slice(1).map((name) => [name, oldView(name)])),
    gitTags: {},
    singlePackage: false,
    gates: [],
  });
  const sealed = join(folder, "sealed");
  const integrities = Object.fromEntries(tarballs.map(({ name, integrity }) => [name, integrity]));
  await writeSealedFolder(sealed, { plan: sealPlan(plan, integrities), tarballs });
  return { plan: sealPlan(plan, integrities), commit, sealed, repository, origin };
}

/** Each needs the two before it. */
export function candidatesOf(names: readonly PackageName[], url: string): ReleaseCandidate[] {
  return names.map((name, at) => {
    return {
      name,
      version: "1.1.0",
      dir: "",
      private: false,
      tagOnly: false,
      ignored: false,
      access: "public" as const,
      registry: url,
      publishTag: null,
      needs: needsOf(at),
    };
  });
}

/** What releases before left on the registry. */
export function plantOld(registry: FaultRegistry, { plan }: ProvedBatch): void {
  for (const { name } of plan.packages.slice(1)) {
    const manifest = { name, version: "1.0.0" };
    registry.plant({ name, version: "1.0.0", tarball: tarballOf(manifest), manifest });
  }
}

/** A clone and an origin of its own, so that nothing of an earlier trial is in it. */
export function freshClone({ repository, origin }: ProvedBatch, folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(origin, join(folder, "origin.git"), { recursive: true });
  const clone = join(folder, "clone");
  cpSync(repository, clone, { recursive: true });
  execFileSync("git", ["remote", "set-url", "origin", join(folder, "origin.git")], { cwd: clone });
  return clone;
}

/** A registry to look at: the fault registry is one. */
export interface Looked {
  snapshot(): Snapshot;
  readonly seen: readonly SeenRequest[];
}

/** All that is wrong at the end of a release; empty when nothing is. */
export function faultsAtEnd(
  registry: Looked,
  batch: ProvedBatch,
  { clone, sameBytes = true }: { readonly clone: string; readonly sameBytes?: boolean },
): string[] {
  const found: string[] = [];
  const stands = registry.snapshot();
  for (const { name, version, integrity } of batch.plan.packages) {
    const held = stands[name];
    const isThere = sameBytes ? held?.versions[version] === integrity : held?.versions[version] !== undefined;
    if (!isThere) found.push(`${name} is not there as sealed`);
    if (JSON.stringify(held?.distTags) !== JSON.stringify({ latest: version })) {
      found.push(`dist-tags of ${name}: ${JSON.stringify(held?.distTags)}`);
    }
  }
  const listed = execFileSync("git", ["ls-remote", "--tags", "origin"], { cwd: clone, encoding: "utf8" });
  for (const { name } of batch.plan.gitTags) {
    if (!listed.includes(`${batch.commit}\trefs/tags/${name}^{}`))
      found.push(`git tag ${name} is not at the commit`);
  }
  return [...found, ...duplicates(registry)];
}

/** Half a batch that users would see, at any moment. */
export function visibleHalf(registry: Looked, { plan }: ProvedBatch): string[] {
  const stands = registry.snapshot();
  const isUp = plan.packages.map(({ name, version }) => stands[name]?.versions[version] !== undefined);
  // The first package has no earlier version: registries make it latest at once, and nobody can help that.
  const moved = plan.packages
    .slice(1)
    .filter(({ name, version }) => stands[name]?.distTags["latest"] === version);
  return moved.length > 0 && isUp.includes(false) ? ["latest moved before the batch was whole"] : [];
}

function duplicates(registry: Looked): string[] {
  const taken = registry.seen.filter(({ route, status }) => route === "PUT /:name" && status === 201);
  const paths = taken.map(({ path }) => path);
  return new Set(paths).size === paths.length ? [] : ["a version was taken twice"];
}

function makeRepository(repository: string, origin: string, url: string): string {
  mkdirSync(repository, { recursive: true });
  git(repository, "init", "--quiet", "--initial-branch=main");
  writeFileSync(
    join(repository, "package.json"),
    JSON.stringify({ name: "root", private: true, workspaces: [] }),
  );
  writeFileSync(
    join(repository, ".npmrc"),
    `registry=${url}\n${url.replace("http:", "")}:_authToken=proof\n`,
  );
  git(repository, "add", "--all");
  const identity = [
    "-c",
    "user.name=proof",
    "-c",
    "user.email=proof@localhost",
    "-c",
    "commit.gpgSign=false",
  ];
  git(repository, ...identity, "commit", "--quiet", "--message", "one");
  git(repository, "clone", "--quiet", "--bare", repository, origin);
  git(repository, "remote", "add", "origin", origin);
  return git(repository, "rev-parse", "HEAD");
}

function needsOf(at: number): PackageName[] {
  return [at - 1, at - 2].filter((need) => need >= 0).map((need) => `@prove/p${need}`);
}

interface Built {
  readonly name: PackageName;
  readonly at: number;
  readonly version: string;
  /** Other bytes for another one. */
  readonly build?: string;
}

function manifestOf({ name, at, version, build = "" }: Built): Record<string, unknown> {
  const dependencies = Object.fromEntries(needsOf(at).map((need) => [need, "^1.0.0"]));
  return { name, version, license: "MIT", dependencies, description: build };
}

function tarballOf(manifest: Record<string, unknown>): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(manifest));
  return gzip(writeTar([{ path: "package/package.json", mode: 0o644, bytes }]));
}

export function packed(folder: string, built: Built): SealedTarball {
  const manifest = manifestOf(built);
  const { name } = built;
  const bytes = tarballOf(manifest);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name.replace("@", "").replace("/", "-")}.tgz`);
  writeFileSync(path, bytes);
  return {
    name,
    version: built.version,
    integrity: integrityOf(bytes),
    tarSha256: sha256(bytes),
    sizeBytes: bytes.length,
    files: ["package.json"],
    manifest,
    path,
  };
}

function oldView(name: PackageName) {
  const manifest = { name, version: "1.0.0" };
  return {
    name,
    distTags: { latest: "1.0.0" },
    versions: { "1.0.0": { version: "1.0.0", integrity: null, manifest } },
  };
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8" }).trim();
}
