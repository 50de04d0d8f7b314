/**
 * Damages entries and blobs of a store at random (bits, lengths, swaps, foreign bytes, missing files) and asks for each
 * result: it must be refused before a byte is written, or be exactly what was stored.
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
import { sha256 } from "@slipway/kernel";

const spec = { include: ["dist/**"], exclude: [] };

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-corruption-")));
  const world = makeWorld(base);
  const random = randomNumbers(options.seed);
  const counts = { refused: 0, "still whole": 0 };
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
    summary: "Damaged entries and blobs of the store never reach the work tree.",
    figures: { damaged: total, ...counts },
    failed: failures.length,
  };
}

interface World {
  readonly root: string;
  readonly dir: string;
  readonly store: LocalStore;
}

interface Attempt {
  readonly random: () => number;
  readonly counts: { refused: number; "still whole": number };
  readonly at: number;
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
  const targets = [`${dir}/ac/${fingerprint.slice(0, 2)}/${fingerprint}`, ...blobsOf(dir)];
  const target = targets[Math.floor(random() * targets.length)] ?? "";
  const how = damage(target, random);
  const answer = await store.lookup(fingerprint, spec);
  const written = readdirOrNone(root);
  if (written.length > 0) return `${how}: ${written.join(", ")} was written by a lookup`;
  const problem = answer.kind === "hit" ? wrongBytes(answer.restore(() => true).ok, root, files) : null;
  counts[answer.kind === "hit" ? "still whole" : "refused"]++;
  rmSync(join(dir, "cas"), { recursive: true, force: true });
  return problem && `${how}: ${problem}`;
}

function wrongBytes(ok: boolean, root: string, files: ReadonlyMap<string, Buffer>): string | null {
  if (!ok) return "a verified result could not be written";
  for (const [path, bytes] of files) {
    if (!readFileSync(join(root, path)).equals(bytes)) return `${path} has other bytes than were stored`;
  }
  return null;
}

/** @returns what was done, for the message */
function damage(path: string, random: () => number): string {
  chmodSync(path, 0o644);
  const bytes = readFileSync(path);
  const at = Math.floor(random() * bytes.length);
  const kind = Math.floor(random() * 6);
  switch (kind) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      writeFileSync(path, bytes);
      return `bit flipped at ${at} of ${path}`;
    case 1:
      truncateSync(path, at);
      return `${path} cut off at ${at}`;
    case 2:
      writeFileSync(path, Buffer.concat([bytes, Buffer.from("more")]));
      return `${path} made longer`;
    case 3:
      writeFileSync(path, randomBytes(bytes.length));
      return `${path} replaced by other bytes`;
    case 4:
      writeFileSync(path, "");
      return `${path} emptied`;
    default:
      rmSync(path);
      return `${path} removed`;
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

/** Source: Tommy Ettinger, mulberry32, public domain. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
