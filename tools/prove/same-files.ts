/**
 * Packs the files that npm and pnpm would pack: on real packages of this repository's node_modules, and on every
 * package of the workspaces that PROVE_REPOSITORIES names (folders, separated by colons).
 */
import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PackStyle } from "../../packages/registry/src/packed.ts";
import { packedSources } from "../../packages/registry/src/packed-files.ts";
import { publishedManifest } from "../../packages/registry/src/published-manifest.ts";
import { packagesOf, realPackages, type RealPackage } from "./pack/real-packages.ts";

const root = join(import.meta.dirname, "../..");
const pnpm = join(root, `tools/toolchain/node_modules/@pnpm/exe.${process.platform}-${process.arch}/pnpm`);
const packMs = 120_000;
const dirsPerRun = 20;

export interface FileDifference {
  readonly id: string;
  readonly with: "npm" | "pnpm";
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const scratch = mkdtempSync(join(tmpdir(), "slipway-same-files-"));
  try {
    const count = options.full ? 150 : 12;
    const published = realPackages(root, { count, seed: options.seed, to: join(scratch, "packages") });
    const repositories = (process.env["PROVE_REPOSITORIES"] ?? "").split(":").filter((path) => path !== "");
    const packages = [...published, ...repositories.flatMap(packagesOf)];
    const npm = compare(packages, {
      ours: await ourFiles(packages, "npm"),
      theirs: npmFiles(packages),
      with: "npm",
    });
    const ours = await ourFiles(packages, "pnpm");
    const pnpmSays = compare(packages, { ours, theirs: pnpmFiles(packages), with: "pnpm" });
    for (const { id, with: peer, ours: mine, theirs } of [...npm.differences, ...pnpmSays.differences]) {
      options.log(`${id}: only here [${mine.join(", ")}], only ${peer} [${theirs.join(", ")}]`);
    }
    return {
      name: "same-files",
      summary:
        `${packages.length} packages: the files of ${npm.same} of ${npm.compared} are those of npm pack, ` +
        `of ${pnpmSays.same} of ${pnpmSays.compared} those of pnpm pack`,
      figures: {
        packages: packages.length,
        fromNodeModules: published.length,
        fromRepositories: packages.length - published.length,
        files: [...ours.values()].reduce((sum, files) => sum + files.length, 0),
        npmCompared: npm.compared,
        npmDiffering: npm.differences.length,
        pnpmCompared: pnpmSays.compared,
        pnpmDiffering: pnpmSays.differences.length,
        linksThatOnlyPnpmPacks: pnpmSays.links,
      },
      failed: npm.differences.length + pnpmSays.differences.length,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** By folder. Ranges do not matter for the list, so they need not stand for anything. */
async function ourFiles(
  packages: readonly RealPackage[],
  style: PackStyle,
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const { dir, workspaceRoot } of packages) {
    const {
      devDependencies: _,
      dependencies,
      peerDependencies,
      optionalDependencies,
      ...manifest
    } = manifestIn(dir);
    const bundles = manifest["bundleDependencies"] ?? manifest["bundledDependencies"];
    const whole = bundles ? { ...manifest, dependencies, peerDependencies, optionalDependencies } : manifest;
    const published = publishedManifest({
      manifest: whole,
      ranges: { versions: {}, catalogs: {} },
      style,
      dir,
    });
    const sources = await packedSources(dir, published, style === "pnpm" ? workspaceRoot : null);
    found.set(dir, [...sources.keys()].toSorted());
  }
  return found;
}

interface Comparison {
  readonly ours: ReadonlyMap<string, readonly string[]>;
  /** Without a package that the peer refused. */
  readonly theirs: ReadonlyMap<string, readonly string[]>;
  readonly with: "npm" | "pnpm";
}

function compare(packages: readonly RealPackage[], comparison: Comparison) {
  const differences: FileDifference[] = [];
  let compared = 0;
  let links = 0;
  for (const { id, dir } of packages) {
    const theirs = comparison.theirs.get(dir);
    if (!theirs) continue;
    compared++;
    const mine = comparison.ours.get(dir) ?? [];
    const onlyMine = mine.filter((file) => !theirs.includes(file));
    const more = theirs.filter((file) => !mine.includes(file));
    const onlyTheirs = more.filter((file) => !isLink(join(dir, file)));
    links += more.length - onlyTheirs.length;
    if (onlyMine.length + onlyTheirs.length > 0)
      differences.push({ id, with: comparison.with, ours: onlyMine, theirs: onlyTheirs });
  }
  return { compared, differences, links, same: compared - differences.length };
}

/** docs/packing.md: no link is ever packed, whatever a peer does with it. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

interface PackReport {
  readonly files: readonly { readonly path: string }[];
}

/** Many folders a run: npm takes half a second to start. */
function npmFiles(packages: readonly RealPackage[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (let at = 0; at < packages.length; at += dirsPerRun) {
    const some = packages.slice(at, at + dirsPerRun);
    const reports = npmPack(some.map(({ dir }) => dir));
    if (reports?.length === some.length) {
      for (const [index, { dir }] of some.entries()) found.set(dir, filesOf(reports[index]));
      continue;
    }
    // One that npm refuses spoils the run of all.
    for (const { dir } of some) {
      const [report] = npmPack([dir]) ?? [];
      if (report) found.set(dir, filesOf(report));
    }
  }
  return found;
}

function npmPack(dirs: readonly string[]): readonly PackReport[] | null {
  const ran = spawnSync(
    "npm",
    ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=silent", ...dirs],
    {
      cwd: tmpdir(),
      encoding: "utf8",
      timeout: packMs,
      maxBuffer: 1 << 28,
    },
  );
  return ran.status === 0 ? (JSON.parse(ran.stdout) as readonly PackReport[]) : null;
}

function pnpmFiles(packages: readonly RealPackage[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const to = mkdtempSync(join(tmpdir(), "slipway-pnpm-pack-"));
  mkdirSync(to, { recursive: true });
  for (const { dir } of packages) {
    const flags = [
      "pack",
      "--json",
      "--dry-run",
      "--config.ignore-scripts=true",
      "--config.pm-on-fail=ignore",
      "--pack-destination",
      to,
    ];
    const ran = spawnSync(pnpm, flags, { cwd: dir, encoding: "utf8", timeout: packMs, maxBuffer: 1 << 28 });
    if (ran.status === 0) found.set(dir, filesOf(JSON.parse(ran.stdout) as PackReport));
  }
  rmSync(to, { recursive: true, force: true });
  return found;
}

function filesOf(report: PackReport | undefined): readonly string[] {
  return (report?.files ?? []).map(({ path }) => path).toSorted();
}

function manifestIn(dir: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(dir, "package.json"), "utf8")) as Record<string, unknown>;
}
