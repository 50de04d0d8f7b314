/**
 * Packs packages in one variation of the world and prints their digests: told by its one argument, run on any Node.
 * Bundled before use, so that Nodes that do not take TypeScript run it, too.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

interface Asked {
  readonly dirs: readonly string[];
  readonly workers: number;
  /** Directory entries come in an order made from this; null leaves them as they come. */
  readonly shuffleSeed: number | null;
  readonly to: string;
}

type Listing = readonly unknown[];

async function main(): Promise<void> {
  const asked = JSON.parse(process.argv[2] ?? "") as Asked;
  if (asked.shuffleSeed !== null) shuffleDirectories(asked.shuffleSeed);
  const { packPackage } = await import("../../../packages/registry/src/index.ts");
  const digests: Record<string, string> = {};
  const waiting = asked.dirs.map((dir, index) => ({ dir, index }));
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const ranges = { versions: {}, catalogs: {} };
      const { tarball } = await packPackage({
        dir: next.dir,
        ranges,
        workspaceRoot: null,
        to: `${asked.to}/${next.index}`,
      });
      digests[next.index] = `${tarball.integrity} ${tarball.tarSha256}`;
    }
  };
  await Promise.all(Array.from({ length: asked.workers }, work));
  process.stdout.write(JSON.stringify(digests));
}

/** Every way to list a directory gives another order than the file system's. */
function shuffleDirectories(seed: number): void {
  const mixed = <T extends Listing>(entries: T): T =>
    entries
      .map((entry, index) => ({ entry, key: Math.imul((index + 7) ^ seed, 0x85ebca6b) >>> 0 }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ entry }) => entry) as unknown as T;
  const { readdir, readdirSync } = fs;
  const promised = fs.promises.readdir;
  const patched = fs as unknown as Record<string, unknown> & { promises: Record<string, unknown> };
  patched["readdirSync"] = (...args: unknown[]) =>
    mixed((readdirSync as (...all: unknown[]) => Listing)(...args));
  patched.promises["readdir"] = async (...args: unknown[]) =>
    mixed(await (promised as (...all: unknown[]) => Promise<Listing>)(...args));
  patched["readdir"] = (...args: unknown[]) => {
    const done = args.pop() as (error: unknown, entries?: Listing) => void;
    (readdir as (...all: unknown[]) => void)(...args, (error: unknown, entries?: Listing) => {
      done(error, entries && mixed(entries));
    });
  };
  syncBuiltinESMExports();
}

await main();
