// Bundles packages/cli into packages/cli/dist: a small start, and a chunk for each thing that only some commands need.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { build, type BuildResult, type Metafile, type Plugin } from "esbuild";
import { noticesOf } from "./bundle/notices.ts";
import { pastBarrels } from "./bundle/past-barrels.ts";

const root = dirname(import.meta.dirname);
/** jsonc-parser's `main` is UMD, whose requires no bundler can follow. */
const mainFields = ["module", "main"];
const cli = join(root, "packages/cli");

/** Folders that the program reads at run time: their name in dist, and where they stand here. */
const carried = [
  ["verdaccio", "verdaccio"],
  ["verdaccio-lock", "packages/registry/verdaccio-lock"],
] as const;

/** CommonJS libraries inside an ES module ask for `require`. */
const banner = `import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);`;

export interface Bundle {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
}

/** The files of dist, by name: made in memory, so that a failed build leaves the old one whole. */
export async function bundle(): Promise<Bundle> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: {
      main: join(cli, "src/main.ts"),
      // Started by name as child processes, so they have to keep their names.
      "verdaccio-process": join(root, "packages/registry/src/verdaccio-process.ts"),
      "nx-executor-process": join(root, "packages/host/src/nx/nx-executor-process.ts"),
      "foreign-module-process": join(root, "packages/host/src/foreign-module-process.ts"),
      "prettier-module": join(root, "packages/host/src/prettier-module.ts"),
    },
    outdir: join(cli, "dist"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    conditions: ["source"],
    mainFields,
    // Flat, because what finds its package by `../package.json` has to find it from every chunk.
    chunkNames: "[name]-[hash]",
    banner: { js: banner },
    external: ["verdaccio"],
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
    metafile: true,
    plugins: [pastBarrels(root)],
    write: false,
  });
  const start = await startBundle();
  const outputFiles = [...result.outputFiles, ...start.outputFiles];
  const files = new Map(outputFiles.map((file) => [resolve(file.path), file.contents]));
  const named = new Map([...files].map(([path, bytes]) => [path.slice(join(cli, "dist/").length), bytes]));
  for (const [name, from] of carried) await addFolder(named, name, join(root, from));
  const outputs = { ...result.metafile.outputs, ...start.metafile.outputs };
  const metafile = { inputs: { ...result.metafile.inputs, ...start.metafile.inputs }, outputs };
  const notices = await noticesOf(metafile, root);
  named.set("THIRD-PARTY-NOTICES.txt", new TextEncoder().encode(notices));
  return { files: named, metafile };
}

/**
 * What every start pays for, in one CommonJS file, and beside it the thread that it may start:
 * its own, more slowly than it runs them. The program proper is loaded from it when it is needed.
 */
async function startBundle(): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    absWorkingDir: root,
    entryPoints: {
      start: join(cli, "src/start.ts"),
      "start-affected": join(cli, "src/start-affected.ts"),
      "restore-worker": join(root, "packages/host/src/store/ahead/restore-worker.ts"),
    },
    outdir: join(cli, "dist"),
    outExtension: { ".js": ".cjs" },
    mainFields,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node22",
    conditions: ["source"],
    banner: { js: `const urlOfBundle = require("node:url").pathToFileURL(__filename).href;` },
    define: { "import.meta.url": "urlOfBundle" },
    legalComments: "none",
    charset: "ascii",
    // A script has none of its own.
    supported: { "dynamic-import": false },
    logLevel: "warning",
    plugins: [programProper, lateParts, pastBarrels(root)],
    metafile: true,
    write: false,
  });
}

/** Started as a script, in which `import()` is an experiment: what starts it hands over an `importModule` of its own. */
const programProper: Plugin = {
  name: "program-proper",
  setup(building) {
    building.onResolve({ filter: /^\.\/(?:main|start)\.ts$/ }, ({ path }) => ({ path, namespace: "proper" }));
    building.onLoad({ filter: /main/, namespace: "proper" }, () => ({
      contents: `export const main = async (...all) => (await importModule("./main.js")).main(...all);`,
    }));
    building.onLoad({ filter: /start/, namespace: "proper" }, () => ({
      contents: `export const started = importModule("./start.cjs");`,
    }));
  },
};

/** Parts of Node that most starts do without and that take long to load: loaded when they are first used. */
const usedLate: Readonly<Record<string, readonly string[]>> = {
  "node:crypto": ["createHash", "createHmac", "hash", "randomBytes", "randomUUID"],
  "node:child_process": ["spawn", "spawnSync", "execFile", "execFileSync", "fork"],
  "node:readline": ["createInterface"],
};

const lateParts: Plugin = {
  name: "late-parts",
  setup(building) {
    building.onResolve({ filter: /^node:/ }, ({ path, namespace }) => {
      if (!(path in usedLate)) return undefined;
      return namespace === "late" ? { path, external: true } : { path, namespace: "late" };
    });
    building.onLoad({ filter: /^node:/, namespace: "late" }, ({ path }) => ({
      contents: [
        "let late;",
        ...(usedLate[path] ?? []).map(
          (name) => `export const ${name} = (...all) => (late ??= require("${path}")).${name}(...all);`,
        ),
      ].join("\n"),
    }));
    // Many globs need none of it: a literal one, and all that is in a folder.
    building.onResolve({ filter: /^picomatch$/ }, ({ namespace, importer }) =>
      namespace === "late" ? undefined : { path: importer, namespace: "late" },
    );
    building.onLoad({ filter: /\.ts$/, namespace: "late" }, ({ path }) => ({
      contents: `export default new Proxy(() => {}, {
        apply: (_, __, all) => require("picomatch")(...all),
        get: (_, name) => require("picomatch")[name],
      });`,
      resolveDir: dirname(path),
    }));
  },
};

async function addFolder(files: Map<string, Uint8Array>, name: string, from: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(join(name, relative(from, path)), await readFile(path));
  }
}

/** Writes what differs and deletes what is no longer there: building twice touches nothing the second time. */
export async function writeBundle(folder: string, { files }: Bundle): Promise<void> {
  await mkdir(folder, { recursive: true });
  const there = await readdir(folder, { withFileTypes: true, recursive: true });
  for (const entry of there) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !files.has(relative(folder, path))) await rm(path);
  }
  // The entries come last: whoever starts them meanwhile finds all that they ask for.
  const entries = ["main.js", "start.cjs", "start-affected.cjs"];
  const order = [...files].toSorted(([a], [b]) => entries.indexOf(a) - entries.indexOf(b));
  for (const [name, bytes] of order) {
    const path = join(folder, name);
    const before = await readFile(path).catch(() => null);
    if (before && Buffer.compare(before, bytes) === 0) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}

if (import.meta.main) {
  // esbuild has already said what is wrong, and where.
  const made = await bundle().catch(() => process.exit(1));
  await writeBundle(join(cli, "dist"), made);
  const bytes = [...made.files.values()].reduce((sum, each) => sum + each.length, 0);
  process.stderr.write(`bundled slipway: ${made.files.size} files, ${Math.round(bytes / 1024)} kB\n`);
}
