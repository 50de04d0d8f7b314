/**
 * Damages entries and blobs of a store at random (bits, lengths, foreign bytes, missing files, whole results of something
 * else, well-made entries that name files elsewhere) and asks for each result: it must be refused before a byte is written.
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalStore } from "../../packages/host/src/index.ts";
import { encodeEntry } from "../../packages/host/src/store/result-entry.ts";
import { sha256 } from "@slipway/kernel";
import { mulberry32 } from "../mulberry32.ts";

const spec = { include: ["dist/**"], exclude: [] };

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-corruption-")));
  const world = makeWorld(base);
  const random = mulberry32(options.seed);
  const counts: Counts = { refused: 0, "still whole": 0, kinds: new Map() };
  const failures: string[] = [];
  const total = options.full ? 10_000 : 150;
  try {
    for (let at = 0; at < total && failures.length < 10; at++) {
      const problem = await damageOne(world, { random, counts, at });
      if (problem) failures.push(problem);
    }
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
  for (const failure of failures) options.log(failure);
  return {
    name: "corruption",
    summary: "Damaged and foreign entries and blobs of the store never reach the work tree.",
    figures: {
      damaged: total,
      refused: counts.refused,
      "still whole": counts["still whole"],
      ...Object.fromEntries(
        [...counts.kinds]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([kind, count]) => [`of these ${kind}`, count]),
      ),
    },
    failed: failures.length + counts["still whole"],
  };
}

interface World {
  readonly root: string;
  readonly dir: string;
  readonly store: LocalStore;
}

interface Attempt {
  readonly random: () => number;
  readonly counts: Counts;
  readonly at: number;
}

interface Counts {
  refused: number;
  "still whole": number;
  readonly kinds: Map<string, number>;
}

function makeWorld(base: string): World {
  const root = join(base, "tree");
  const dir = join(base, "store");
  mkdirSync(join(root, "dist/deep"), { recursive: true });
  return { root, dir, store: new LocalStore({ dir, root, stagingDir: join(base, "staging") }) };
}

async function damageOne(
  { root, dir, store }: World,
  { random, counts, at }: Attempt,
): Promise<string | null> {
  const files = new Map<string, Buffer>([
    ["dist/small.txt", Buffer.from(`small ${at}`)],
    ["dist/deep/medium.bin", randomBytes(20_000)],
    ["dist/tool", Buffer.from("#!/bin/sh\n")],
  ]);
  rmSync(join(root, "dist"), { recursive: true, force: true });
  mkdirSync(join(root, "dist/deep"), { recursive: true });
  for (const [path, bytes] of files) writeFileSync(join(root, path), bytes);
  const fingerprint = sha256(`result ${at}`);
  const request = { paths: [...files.keys()], log: [], durationMs: 1, owned: () => true, keep: true };
  await store.store(fingerprint, request);
  rmSync(join(root, "dist"), { recursive: true });
  const entry = `${dir}/ac/${fingerprint.slice(0, 2)}/${fingerprint}`;
  const targets = [entry, ...blobsOf(dir)];
  const target = targets[Math.floor(random() * targets.length)] ?? "";
  const other = await foreignEntries(store, request.paths, at);
  const { how, what } = damage(target, { random, foreign: target === entry ? other : [] });
  counts.kinds.set(how, (counts.kinds.get(how) ?? 0) + 1);
  const answer = await store.lookup(fingerprint, spec);
  const written = readdirOrNone(root);
  if (written.length > 0) return `${what}: ${written.join(", ")} was written by a lookup`;
  const problem = answer.kind === "hit" ? wrongBytes(answer.restore(() => true).ok, root, files) : null;
  counts[answer.kind === "hit" ? "still whole" : "refused"]++;
  rmSync(join(dir, "cas"), { recursive: true, force: true });
  return problem && `${what}: ${problem}`;
}

function wrongBytes(ok: boolean, root: string, files: ReadonlyMap<string, Buffer>): string | null {
  if (!ok) return "a verified result could not be written";
  for (const [path, bytes] of files) {
    if (!readFileSync(join(root, path)).equals(bytes)) return `${path} has other bytes than were stored`;
  }
  return null;
}

interface Foreign {
  readonly how: string;
  readonly bytes: Uint8Array;
}

/** Entries that are whole in themselves: the result of something else, and results that name files elsewhere. */
async function foreignEntries(store: LocalStore, paths: readonly string[], at: number): Promise<Foreign[]> {
  const fingerprint = sha256(`result ${at}`);
  const another = sha256(`another result ${at}`);
  await store.store(another, { paths, log: [], durationMs: 1, owned: () => true, keep: true });
  const bytes = readFileSync(store.entryPath(another));
  rmSync(store.entryPath(another));
  const elsewhere = strayPaths.map((path) => {
    const inline = new Map([[sha256("stray"), Buffer.from("stray")]]);
    const stray = { path, kind: "file", digest: sha256("stray"), sizeBytes: 5, executable: false } as const;
    const entry = encodeEntry(fingerprint, { outputs: [stray], log: [], durationMs: 1, inline });
    return { how: "entries that name a file elsewhere", bytes: entry };
  });
  return [{ how: "whole entries of another result", bytes }, ...elsewhere];
}

const strayPaths = [
  "src/index.ts",
  "../outside",
  "/tmp/outside",
  "dist/../src/x",
  "dist//x",
  "distant/x",
  "",
];

/** @returns the kind of damage, and what was done, for the message */
function damage(
  path: string,
  { random, foreign }: { readonly random: () => number; readonly foreign: readonly Foreign[] },
): { readonly how: string; readonly what: string } {
  chmodSync(path, 0o644);
  const bytes = readFileSync(path);
  const at = Math.floor(random() * bytes.length);
  const kind = Math.floor(random() * (foreign.length > 0 ? 8 : 6));
  switch (kind) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      writeFileSync(path, bytes);
      return { how: "with one bit flipped", what: `bit flipped at ${at} of ${path}` };
    case 1:
      truncateSync(path, at);
      return { how: "cut off", what: `${path} cut off at ${at}` };
    case 2:
      writeFileSync(path, Buffer.concat([bytes, Buffer.from("more")]));
      return { how: "made longer", what: `${path} made longer` };
    case 3:
      writeFileSync(path, randomBytes(bytes.length));
      return { how: "replaced by other bytes", what: `${path} replaced by other bytes` };
    case 4:
      writeFileSync(path, "");
      return { how: "emptied", what: `${path} emptied` };
    case 5:
      rmSync(path);
      return { how: "removed", what: `${path} removed` };
    default: {
      const chosen = foreign[kind === 6 ? 0 : 1 + Math.floor(random() * (foreign.length - 1))];
      writeFileSync(path, chosen?.bytes ?? "");
      return { how: chosen?.how ?? "", what: `${path} replaced by one of ${chosen?.how}` };
    }
  }
}

function blobsOf(dir: string): string[] {
  return readdirOrNone(join(dir, "cas")).map((path) => join(dir, "cas", path));
}

function readdirOrNone(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
  } catch {
    return [];
  }
}
