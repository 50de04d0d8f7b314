import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LocalStore } from "../../src/store/local-store.ts";
import { pruneStore, pruneWhenDue, storeStats, verifyStore } from "../../src/store/store-care.ts";

const NOW = Date.UTC(2030, 0, 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const anySize = { sizeBytesMax: Number.MAX_SAFE_INTEGER, ageMsMax: 30 * DAY };

let home = "";
let dir = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "slipway-care-"));
  dir = join(home, "store");
  mkdirSync(join(home, "tree"));
});
afterEach(() => rmSync(home, { recursive: true }));

/** Stores one output under a fingerprint, last used `ageMs` before NOW. Large ones become blobs of their own. */
async function stored(fingerprint: string, content: string, ageMs: number): Promise<void> {
  const store = new LocalStore({ dir, root: join(home, "tree"), stagingDir: join(home, "staging") });
  writeFileSync(join(home, "tree/out.txt"), content);
  const request = { paths: ["out.txt"], log: [], durationMs: 1, owned: () => true, keep: true };
  expect((await store.store(fingerprint, request)).problem).toBeNull();
  const used = new Date(NOW - ageMs);
  for (const path of paths()) if (path.includes(fingerprint) || !aged.has(path)) utimesSync(path, used, used);
  for (const path of paths()) aged.add(path);
}
const aged = new Set<string>();

function paths(): string[] {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const [first, second, third] = ["a", "b", "c"].map((letter) => letter.repeat(64)) as [string, string, string];
const large = "x".repeat(100_000);

describe("pruning", () => {
  test("removes what was not used for long, and blobs with the last entry that names them", async () => {
    await stored(first, large, 40 * DAY);
    await stored(second, large, DAY);
    await stored(third, "y".repeat(100_000), 40 * DAY);
    expect(storeStats(dir)).toMatchObject({ entries: 3, blobs: 2, oldestUseMs: NOW - 40 * DAY });
    expect(pruneStore(dir, anySize, NOW)).toMatchObject({ entries: 2, blobs: 1 });
    expect(storeStats(dir)).toMatchObject({ entries: 1, blobs: 1, blobBytes: 100_000 });
    expect((await verifyStore(dir, { repair: false })).damaged).toEqual([]);
  });

  test("then removes what was used longest ago until the rest fits", async () => {
    await stored(first, `1${large}`, 3 * DAY);
    await stored(second, `2${large}`, 2 * DAY);
    await stored(third, `3${large}`, DAY);
    const pruned = pruneStore(dir, { ...anySize, sizeBytesMax: 250_000 }, NOW);
    expect(pruned).toMatchObject({ entries: 1, blobs: 1 });
    expect(pruned.keptBytes).toBeLessThanOrEqual(250_000);
    expect(pruned.freedBytes).toBeGreaterThan(100_000);
    expect(paths().some((path) => path.endsWith(first))).toBe(false);
  });

  test("leaves alone what another process may be writing, and removes what a killed one left", () => {
    const files = {
      "cas/aa/young": 0,
      "cas/aa/old": 2 * HOUR,
      "ac/bb/x.1.2.tmp": 2 * HOUR,
      "cas/tmp-1": 2 * HOUR,
    };
    for (const [name, ageMs] of Object.entries(files)) {
      const path = join(dir, name);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, "bytes");
      utimesSync(path, new Date(NOW - ageMs), new Date(NOW - ageMs));
    }
    expect(pruneStore(dir, anySize, NOW)).toMatchObject({ entries: 0, blobs: 1, freedBytes: 15 });
    expect(paths()).toEqual([join(dir, "cas/aa/young")]);
  });

  test("is due once a day, and a new store is young", async () => {
    await stored(first, large, 40 * DAY);
    expect(pruneWhenDue(dir, anySize, NOW)).toBeNull();
    const marked = join(dir, "pruned");
    utimesSync(marked, new Date(NOW - 2 * HOUR), new Date(NOW - 2 * HOUR));
    expect(pruneWhenDue(dir, anySize, NOW)).toBeNull();
    utimesSync(marked, new Date(NOW - 2 * DAY), new Date(NOW - 2 * DAY));
    expect(pruneWhenDue(dir, anySize, NOW)).toMatchObject({ entries: 1 });
    expect(pruneWhenDue(join(home, "tree/out.txt"), anySize, NOW)).toBeNull();
  });
});

describe("verifying", () => {
  test("names every damage, and repairing sets it aside so that no run meets it", async () => {
    await stored(first, large, 0);
    await stored(second, "small", 0);
    await stored(third, `3${large}`, 0);
    const damage = (part: string): void => {
      const path = paths().find((each) => each.includes(part)) ?? "";
      chmodSync(path, 0o644);
      appendFileSync(path, "more");
    };
    damage("/cas/");
    damage(second);
    const found = await verifyStore(dir, { repair: false });
    expect(found).toMatchObject({ entries: 3, blobs: 2 });
    expect(found.damaged.map(({ problem }) => problem).toSorted()).toEqual([
      "it is not what was written",
      "its bytes are not what its name says",
      "the bytes of out.txt are not in the store",
    ]);
    await verifyStore(dir, { repair: true });
    expect((await verifyStore(dir, { repair: false })).damaged).toEqual([]);
    expect(storeStats(dir)).toMatchObject({ entries: 1, blobs: 1, quarantined: 3 });
  });
});

test("a store that is not there is empty", async () => {
  expect(storeStats(dir)).toMatchObject({ entries: 0, blobs: 0, oldestUseMs: null });
  expect(pruneStore(dir, anySize, NOW)).toEqual({ entries: 0, blobs: 0, freedBytes: 0, keptBytes: 0 });
  expect(await verifyStore(dir, { repair: true })).toEqual({ entries: 0, blobs: 0, damaged: [] });
});
