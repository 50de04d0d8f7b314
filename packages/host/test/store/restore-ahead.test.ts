import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TaskLocks } from "../../src/process/task-locks.ts";
import { RestoreThread, type AheadResult, type RestoreAhead } from "../../src/store/ahead/restore-ahead.ts";
import { LocalStore } from "../../src/store/local-store.ts";
import { stampOf } from "../../src/tree/stamps.ts";

/** A thread takes a while to start on a machine that has other things to do. */
const patience = { timeout: 20_000 };

let base: string;
let root: string;
let store: LocalStore;
let ahead: RestoreAhead<string>;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-ahead-")));
  root = join(base, "tree");
  store = new LocalStore(place());
  const thread = RestoreThread.start();
  if (!thread) throw new Error("no thread could be started");
  ahead = thread.into({ ...place(), locksDir: join(base, "locks") });
});

afterEach(async () => {
  await ahead.end();
  rmSync(base, { recursive: true });
});

function place(): { readonly dir: string; readonly root: string; readonly stagingDir: string } {
  return { dir: join(base, "store"), root, stagingDir: join(base, "staging") };
}

/** Stores a result of two files and takes them away. */
async function stored(id: string): Promise<AheadResult<string>> {
  const paths = [`${id}/dist/one.js`, `${id}/dist/deep/two.js`];
  for (const path of paths) write(path, `${path}\n`);
  const fingerprint = id.repeat(64).slice(0, 64);
  const request = { paths, log: [], durationMs: 1, owned: () => true, keep: true };
  const { outputs, problem } = await store.store(fingerprint, request);
  expect(problem).toBeNull();
  rmSync(join(root, id), { recursive: true });
  const spec = { include: [`${id}/dist/**`], exclude: [] };
  return { id, fingerprint, spec, outputs, isOwn: () => false };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** What the thread left of a task, when it has come to the one that was told last. */
async function taken(results: readonly AheadResult<string>[]): Promise<ReadonlyMap<string, unknown>> {
  const last = await stored("f");
  ahead.begin([...results, last]);
  await expect.poll(() => existsSync(join(root, "f/dist/deep/two.js")), patience).toBe(true);
  expect(await ahead.take("f")).not.toBeNull();
  const ends = results.map(async ({ id }) => [id, await ahead.take(id)] as const);
  return new Map(await Promise.all(ends));
}

test("results are put back by a thread, and said with their stamps", async () => {
  const [one, two] = [await stored("a"), await stored("b")];
  write("b/dist/one.js", "b/dist/one.js\n");
  const ends = await taken([one, two]);
  const outputs = ends.get("a") as readonly { readonly path: string; readonly stamp: string }[];
  expect(outputs.map(({ path }) => path)).toEqual(["a/dist/one.js", "a/dist/deep/two.js"]);
  for (const { path, stamp } of outputs) {
    expect(readFileSync(join(root, path), "utf8")).toBe(`${path}\n`);
    expect(stampOf(statSync(join(root, path)))).toBe(stamp);
  }
  // What stood there before belongs to whom it did.
  const owned = (ends.get("b") as readonly { readonly owned: boolean }[]).map((output) => output.owned);
  expect(owned).toEqual([false, true]);
});

test("whatever is wrong is left to the run, as it was found", async () => {
  const all = await Promise.all(["a", "b", "c", "d", "e"].map((id) => stored(id)));
  const [damaged, other, held, linked, none] = all as [
    AheadResult<string>,
    AheadResult<string>,
    AheadResult<string>,
    AheadResult<string>,
    AheadResult<string>,
  ];
  const entry = store.entryPath(damaged.fingerprint);
  const bytes = readFileSync(entry);
  bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 1;
  rmSync(entry);
  writeFileSync(entry, bytes);
  const wanted = { ...other, outputs: other.outputs.map((output) => ({ ...output, executable: true })) };
  const lock = new TaskLocks(join(base, "locks")).take(held.id);
  mkdirSync(join(base, "elsewhere"));
  mkdirSync(join(root, linked.id), { recursive: true });
  symlinkSync(join(base, "elsewhere"), join(root, linked.id, "dist"));
  rmSync(store.entryPath(none.fingerprint));
  const ends = await taken([damaged, wanted, held, linked, none]);
  expect([...ends.values()]).toEqual([null, null, null, null, null]);
  expect(readdirSync(root).toSorted()).toEqual(["d", "f"]);
  expect(readdirSync(join(base, "elsewhere"))).toEqual([]);
  expect(existsSync(entry)).toBe(true);
  if ("release" in lock) lock.release();
});

test("what the run comes to first is its own", async () => {
  const results = await Promise.all(["a", "b", "c"].map((id) => stored(id)));
  ahead.begin(results);
  const claimed = results.map(async ({ id }) => ahead.take(id));
  // Nobody has said so far that a thread is quicker than the next line.
  const ends = await Promise.all(claimed);
  for (const [at, end] of ends.entries()) {
    expect(existsSync(join(root, results[at]?.id ?? "", "dist"))).toBe(end !== null);
  }
  expect(await ahead.take("a"), "it is asked for once").toBeNull();
});

test("at its end it says what it has put back and nobody took; nothing comes after it", async () => {
  const results = await Promise.all(["a", "b", "c"].map((id) => stored(id)));
  ahead.begin(results);
  await expect.poll(() => existsSync(join(root, "b/dist/one.js")), patience).toBe(true);
  const left = await ahead.end();
  const there = existsSync(root) ? readdirSync(root).toSorted() : [];
  expect([...left.keys()].toSorted()).toEqual(there);
  expect(there).toContain("a");
});

test("without a program, or when it dies, everything is left to the run", async () => {
  const result = await stored("a");
  const thread = RestoreThread.start(join(base, "there-is-none.cjs"));
  const alone = thread?.into<string>({ ...place(), locksDir: join(base, "locks") });
  alone?.begin([result]);
  expect(await alone?.take("a")).toBeNull();
  await alone?.end();
  expect(existsSync(root) ? readdirSync(root) : []).toEqual([]);
});

test("however much is put back without a pause, what waits is heard now and then", async () => {
  let isHeard = false;
  setImmediate(() => {
    isHeard = true;
  });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  await ahead.take("none");
  expect(isHeard).toBe(true);
});
