import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RunRecords } from "../../src/store/run-records.ts";

let path = "";
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "slipway-records-")), "records");
});
afterEach(() => rmSync(join(path, ".."), { recursive: true }));

const ids = Array.from({ length: 100 }, (_, at) => `task-${at}`);

function record(id: string, value = "first") {
  return { durationMs: 5, outputs: [`${id}/out`], fingerprint: `${id} ${value}`, value: { is: value } };
}

function keep(taskIds: readonly string[], value: string): void {
  const records = new RunRecords<ReturnType<typeof record>>(path);
  for (const id of taskIds) {
    records.write(id, record(id, value), null);
    records.measure(id, { durationMs: 7, peakBytes: 8 });
  }
  records.flush();
}

/** The value that each task's record has, as a new process reads it. */
function values(): (string | undefined)[] {
  const records = new RunRecords<ReturnType<typeof record>>(path);
  return ids.map((id) => records.last(id)?.value.is);
}

test("what few tasks left is written beside, with nothing of the others, and read with them", () => {
  keep(ids, "first");
  const whole = statSync(path);
  keep(["task-7"], "second");
  keep(["task-8"], "second");
  expect(statSync(path).ino).toBe(whole.ino);
  expect(statSync(`${path}.since`).size).toBeLessThan(whole.size / 20);
  expect(values()).toEqual(ids.map((_, at) => (at === 7 || at === 8 ? "second" : "first")));
  const records = new RunRecords<ReturnType<typeof record>>(path);
  expect([records.durationMs("task-7"), records.durationMs("task-9"), records.peakBytes("task-9")]).toEqual([
    7, 7, 8,
  ]);
});

test("a damaged record counts as none, wherever it is damaged, and the others stay", () => {
  keep(ids, "first");
  const bytes = readFileSync(path);
  for (const words of [`"fingerprint":"task-42 first"`, `"is":"first"`]) {
    const damaged = Buffer.from(bytes);
    const at = damaged.indexOf(words, damaged.indexOf(`"task-42 first"`) - 200);
    damaged[at + words.length - 2] = "X".charCodeAt(0);
    writeFileSync(path, damaged);
    expect(values().filter((value) => value !== "first")).toHaveLength(1);
  }
  // All of them are written again, but for those of which the bytes are not known.
  keep(ids.slice(0, 20), "second");
  expect(values().filter((value) => value === undefined)).toHaveLength(1);
});

test.each([
  ["cut off in the records", (bytes: Buffer) => bytes.subarray(0, -10), 1],
  ["cut off in the index", (bytes: Buffer) => bytes.subarray(0, 1000), ids.length],
  ["another length", (bytes: Buffer) => Buffer.concat([Buffer.from("1"), bytes]), ids.length],
  ["no length", (bytes: Buffer) => Buffer.concat([Buffer.from("x\n"), bytes]), ids.length],
  ["empty", () => Buffer.alloc(0), ids.length],
])("a file that is damaged (%s) has no records but those that are whole", (_, damage, lost) => {
  keep(ids, "first");
  writeFileSync(path, damage(readFileSync(path)));
  expect(values().filter((value) => value === undefined)).toHaveLength(lost);
});
