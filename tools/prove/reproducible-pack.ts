/**
 * The same content gives the same tarball, whatever the machine: packages are copied and packed again in 24 variations
 * of checkout, Node, umask, time zone, locale, HOME, order of directories and number of workers.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { onDemand } from "../on-demand.ts";
import { realPackages, type RealPackage } from "./pack/real-packages.ts";

const root = join(import.meta.dirname, "../..");
const packMs = 300_000;

interface NodeLine {
  readonly version: string;
  readonly path: string;
}

interface Variation {
  readonly node: NodeLine;
  readonly umask: "002" | "022" | "077";
  readonly timeZone: string;
  readonly locale: string;
  readonly workers: 1 | 2;
  readonly shuffleSeed: number | null;
  readonly checkout: string;
}

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const scratch = mkdtempSync(join(tmpdir(), "slipway reproducible-"));
  try {
    const packages = realPackages(root, {
      count: options.full ? 120 : 4,
      seed: options.seed,
      to: join(scratch, "origin"),
    });
    const program = await bundledProgram(scratch);
    const nodes = nodeLines((line) => options.log(line));
    const variations = variationsOf(nodes, options.seed).slice(0, options.full ? 24 : 9);
    const differing = new Set<string>();
    let first: readonly string[] | null = null;
    for (const [index, variation] of variations.entries()) {
      const digests = packIn(variation, { packages, program, scratch, index });
      first ??= digests;
      for (const [place, digest] of digests.entries()) {
        if (digest === first[place]) continue;
        const { id } = packages[place] ?? { id: "?" };
        differing.add(id);
        options.log(`${id} differs in ${JSON.stringify({ ...variation, node: variation.node.version })}`);
      }
    }
    return {
      name: "reproducible-pack",
      summary: `${packages.length} real packages packed in ${variations.length} variations: ${differing.size} differ`,
      figures: {
        packages: packages.length,
        variations: variations.length,
        tarballs: packages.length * variations.length,
        nodes: nodes.map(({ version }) => version).join(", "),
        differing: differing.size,
      },
      failed: differing.size,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Each Node with every combination of three switches; the rest goes along so that no two rows are alike. */
function variationsOf(nodes: readonly NodeLine[], seed: number): readonly Variation[] {
  const umasks = ["002", "022", "077"] as const;
  return Array.from({ length: 24 }, (_, index) => {
    const node = nodes[index % nodes.length];
    if (!node) throw new Error("there is no Node to pack with");
    const bits = Math.floor(index / 3);
    return {
      node,
      umask: umasks[(index + bits) % 3] ?? "022",
      timeZone: bits & 2 ? "Pacific/Kiritimati" : "America/St_Johns",
      locale: bits & 4 ? "tr_TR.UTF-8" : "C",
      workers: (bits >> 1) & 1 ? 2 : 1,
      shuffleSeed: bits & 1 ? seed + index : null,
      checkout: bits & 4 ? "checkout" : "another checkout/with a space",
    };
  });
}

interface Packing {
  readonly packages: readonly RealPackage[];
  readonly program: string;
  readonly scratch: string;
  readonly index: number;
}

/** One digest a package. The copy is made under the variation's umask, as a checkout would be. */
function packIn(variation: Variation, { packages, program, scratch, index }: Packing): readonly string[] {
  const world = join(scratch, `world ${index}`);
  const checkout = join(world, variation.checkout);
  mkdirSync(join(world, "home"), { recursive: true });
  mkdirSync(join(checkout, ".."), { recursive: true });
  const origin = join(scratch, "origin");
  execFileSync("sh", ["-c", `umask ${variation.umask} && cp -R "$1" "$2"`, "sh", origin, checkout]);
  const dirs = packages.map(({ dir }) => join(checkout, dir.slice(origin.length)));
  const asked = {
    dirs,
    workers: variation.workers,
    shuffleSeed: variation.shuffleSeed,
    to: join(world, "out"),
  };
  const command = [
    "-c",
    `umask ${variation.umask} && exec "$@"`,
    "sh",
    variation.node.path,
    program,
    JSON.stringify(asked),
  ];
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: join(world, "home"),
    TZ: variation.timeZone,
    LC_ALL: variation.locale,
  };
  const ran = spawnSync("sh", command, { env, encoding: "utf8", timeout: packMs, maxBuffer: 1 << 26 });
  if (ran.status !== 0)
    throw new Error(`packing on Node ${variation.node.version} ended with ${ran.status}: ${ran.stderr}`);
  rmSync(world, { recursive: true, force: true });
  const digests = JSON.parse(ran.stdout) as Record<string, string>;
  return packages.map((_, place) => digests[place] ?? "not packed");
}

async function bundledProgram(scratch: string): Promise<string> {
  const outfile = join(scratch, "program.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "pack/variation-process.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    conditions: ["source"],
    external: ["verdaccio"],
    // Bundled CommonJS asks for builtins by require.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    logLevel: "error",
  });
  return outfile;
}

/** This process's own Node, and the other lines where they can be brought. */
function nodeLines(log: (line: string) => void): readonly NodeLine[] {
  const others = onDemand("nodes");
  if ("missing" in others) log(`only Node ${process.version}: ${others.missing}`);
  const paths =
    "missing" in others
      ? []
      : ["22", "26"].map((line) => join(others.folder, `node${line}-linux-x64/bin/node`));
  return [process.execPath, ...paths].flatMap((path) => {
    const asked = spawnSync(path, ["--version"], { encoding: "utf8" });
    return asked.status === 0 ? [{ version: asked.stdout.trim(), path }] : [];
  });
}
