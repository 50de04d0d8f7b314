// The floor of a restore: reads every stored output, verifies its SHA-256 and writes it where it stood. No plan, no
// fingerprints, no look at what is there. Its first call makes the outputs and stores them, a file each.
import { spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const store = "../bare-store";
const list = join(store, "list.json");

/** Where each output stands, and the SHA-256 under which it is stored. */
type Stored = readonly [path: string, digest: string];

if (existsSync(list)) restore(JSON.parse(readFileSync(list, "utf8")) as Stored[]);
else make();

function restore(all: readonly Stored[]): void {
  let dir = "";
  for (const [path, digest] of all) {
    const bytes = readFileSync(join(store, digest));
    if (hash("sha256", bytes) !== digest) throw new Error(`${path} is damaged in the store`);
    if (dirname(path) !== dir) mkdirSync((dir = dirname(path)), { recursive: true });
    writeFileSync(path, bytes);
  }
}

function make(): void {
  spawnSync(process.execPath, [join(import.meta.dirname, "bare-spawner.ts"), "2"], { stdio: "inherit" });
  mkdirSync(store);
  const all = readdirSync("packages").flatMap((name) => {
    const dist = `packages/${name}/dist`;
    return readdirSync(dist, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry): Stored => {
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        const digest = hash("sha256", bytes);
        writeFileSync(join(store, digest), bytes);
        return [path, digest];
      });
  });
  writeFileSync(list, JSON.stringify(all));
}
