import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { mulberry32 } from "../mulberry32.ts";

/** A monorepo of a given size, the same for the same numbers. */
export interface GeneratedWorkspace {
  readonly dir: string;
  readonly packageCount: number;
  readonly seed: number;
  /** wireit wants its settings in every manifest, and moon a file beside it. */
  readonly flavour?: "wireit" | "moon";
}

const sourceCount = 11;
const outputCount = 10;
const layerCount = 12;
const externals = ["ansi-regex@6.2.2", "ms@2.1.3", "picocolors@1.1.1", "semver@7.8.5", "yocto-queue@1.2.2"];

/**
 * Writes and commits a pnpm workspace: twelve files and ten outputs a package, up to four internal dependencies in at
 * most twelve layers, a third of the packages with one or two external ones, tasks for turbo, nx, lage, wireit and moon
 * alike. Its build is a copy, so that what is measured is the tool.
 */
export function generateWorkspace({ dir, packageCount, seed, flavour }: GeneratedWorkspace): void {
  const random = mulberry32(seed);
  const packages = Array.from({ length: packageCount }, (_, at) => makePackage(at, packageCount, random));
  const files = new Map<string, string>(rootFiles(flavour === "wireit" ? packages : []));
  if (flavour === "moon") for (const [path, text] of moonFiles(packages)) files.set(path, text);
  files.set("pnpm-lock.yaml", lockfile(packages));
  for (const each of packages) for (const [path, text] of packageFiles(each, flavour)) files.set(path, text);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  git(dir, "init", "-q", "-b", "main");
  git(dir, "add", "-A");
  git(dir, "commit", "-q", "-m", "Generated workspace");
}

interface GeneratedPackage {
  readonly name: string;
  readonly needs: readonly string[];
  readonly externals: readonly string[];
  /** Bytes of each source file. */
  readonly sizes: readonly number[];
}

function makePackage(at: number, packageCount: number, random: () => number): GeneratedPackage {
  const perLayer = Math.ceil(packageCount / layerCount);
  const layer = Math.floor(at / perLayer);
  const needCount = layer === 0 ? 0 : 1 + Math.floor(random() * 4);
  const needs = new Set<string>();
  for (let each = 0; each < needCount; each++) needs.add(nameOf(Math.floor(random() * layer * perLayer)));
  const externalCount = random() < 1 / 3 ? 1 + Math.floor(random() * 2) : 0;
  const start = Math.floor(random() * externals.length);
  return {
    name: nameOf(at),
    needs: [...needs].toSorted(),
    externals: externals.filter((_, index) => index >= start && index < start + externalCount),
    sizes: Array.from({ length: sourceCount }, () => 200 + Math.floor(random() * 1200)),
  };
}

function nameOf(at: number): string {
  return `pkg-${String(at).padStart(4, "0")}`;
}

/** @param wired packages that a wireit script of the root builds */
function rootFiles(wired: readonly GeneratedPackage[]): [string, string][] {
  const dependencies = wired.map(({ name }) => `./packages/${name}:build`);
  const manifest = {
    name: "bench",
    private: true,
    packageManager: "pnpm@12.21.0",
    scripts: { "build:all": wired.length > 0 ? "wireit" : "pnpm -r run build" },
    ...(wired.length > 0 ? { wireit: { "build:all": { dependencies } } } : {}),
  };
  const turbo = { tasks: { build: { dependsOn: ["^build"], outputs: ["dist/**"] } } };
  const nx = {
    targetDefaults: {
      build: { dependsOn: ["^build"], outputs: ["{projectRoot}/dist"], cache: true },
    },
    analytics: false,
  };
  const script = [
    "set -e",
    "mkdir -p dist",
    `for n in ${Array.from({ length: outputCount }, (_, at) => at).join(" ")}; do set -- "$@" src/file-$n.ts; done`,
    'cp "$@" dist/',
  ];
  return [
    ["package.json", json(manifest)],
    ["pnpm-workspace.yaml", "packages:\n  - packages/*\npmOnFail: ignore\nverifyDepsBeforeRun: false\n"],
    ["turbo.json", json(turbo)],
    ["nx.json", json(nx)],
    [
      "lage.config.js",
      "module.exports = { npmClient: 'pnpm', pipeline: { build: ['^build'] }, cacheOptions: { outputGlob: ['dist/**'] } };\n",
    ],
    [".gitignore", "dist/\nnode_modules/\n.turbo/\n.nx/\n.wireit/\n.moon/cache/\n"],
    ["tools/build.sh", `${script.join("\n")}\n`],
  ];
}

function packageFiles(
  { name, needs, externals: outer, sizes }: GeneratedPackage,
  flavour: GeneratedWorkspace["flavour"],
): [string, string][] {
  const build = {
    command: "sh ../../tools/build.sh",
    dependencies: needs.map((need) => `../${need}:build`),
    files: ["src/**", "package.json"],
    output: ["dist/**"],
  };
  const inner = needs.map((need) => [need, "workspace:*"]);
  const manifest = {
    name,
    version: "1.0.0",
    scripts: { build: flavour === "wireit" ? "wireit" : build.command },
    ...(flavour === "wireit" ? { wireit: { build } } : {}),
    dependencies: Object.fromEntries([...inner, ...outer.map(splitVersion)]),
  };
  const sources = sizes.map((size, at): [string, string] => [
    `packages/${name}/src/file-${at}.ts`,
    `export const ${name.replace("-", "_")}_${at} = ${JSON.stringify("x".repeat(size))};\n`,
  ]);
  return [[`packages/${name}/package.json`, json(manifest)], ...sources];
}

/** Its JavaScript toolchain is a download of its own, so the edges are written out. */
function moonFiles(packages: readonly GeneratedPackage[]): [string, string][] {
  const build = {
    command: "sh ../../tools/build.sh",
    deps: ["^:build"],
    inputs: ["src/**/*", "package.json"],
    outputs: ["dist"],
  };
  return [
    [".moon/workspace.yml", json({ projects: ["packages/*"], vcs: { defaultBranch: "main" } })],
    [".moon/tasks/all.yml", json({ tasks: { build } })],
    ...packages.map(({ name, needs }): [string, string] => [
      `packages/${name}/moon.yml`,
      json({ dependsOn: needs }),
    ]),
  ];
}

function lockfile(packages: readonly GeneratedPackage[]): string {
  const lines = [
    "lockfileVersion: '9.0'",
    "",
    "settings:",
    "  autoInstallPeers: true",
    "  excludeLinksFromLockfile: false",
    "",
  ];
  lines.push("importers:", "", "  .: {}", "");
  for (const { name, needs, externals: outer } of packages) {
    const isLeaf = needs.length + outer.length === 0;
    lines.push(isLeaf ? `  packages/${name}: {}` : `  packages/${name}:`);
    if (!isLeaf) lines.push("    dependencies:");
    for (const need of needs)
      lines.push(`      ${need}:`, "        specifier: workspace:*", `        version: link:../${need}`);
    for (const [external, version] of outer.map(splitVersion)) {
      lines.push(`      ${external}:`, `        specifier: ${version}`, `        version: ${version}`);
    }
    lines.push("");
  }
  lines.push("packages:", "");
  for (const each of externals) {
    const digest = Buffer.from(each.padEnd(64, "=")).toString("base64");
    lines.push(`  ${each}:`, `    resolution: {integrity: sha512-${digest.slice(0, 86)}==}`, "");
  }
  lines.push("snapshots:", "", ...externals.flatMap((each) => [`  ${each}: {}`, ""]));
  return `${lines.join("\n")}\n`;
}

function splitVersion(text: string): [string, string] {
  const at = text.lastIndexOf("@");
  return [text.slice(0, at), text.slice(at + 1)];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function git(dir: string, ...args: string[]): void {
  const identity = [
    "-c",
    "user.name=bench",
    "-c",
    "user.email=bench@example.invalid",
    "-c",
    "commit.gpgsign=false",
  ];
  const { status, stderr } = spawnSync("git", [...identity, ...args], { cwd: dir, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${args[0]} failed: ${stderr}`);
}

if (import.meta.main) {
  const [dir, count = "100", seed = "1"] = process.argv.slice(2);
  if (!dir) throw new Error("usage: node tools/bench/generate.ts DIR [PACKAGES] [SEED]");
  generateWorkspace({ dir, packageCount: Number(count), seed: Number(seed) });
}
