import { UserError } from "@slipway/kernel";
import fc from "fast-check";
import { expect, test } from "vitest";
import { appendRecord, lineOf, parseRecords, type LedgerRecord } from "../src/index.ts";

function chain(payloads: readonly unknown[]): LedgerRecord[] {
  const records: LedgerRecord[] = [];
  for (const payload of payloads) records.push(appendRecord(records.at(-1), "note", payload as never));
  return records;
}

const payloads = fc.array(fc.jsonValue(), { minLength: 1, maxLength: 6 });

test("what was appended is read back", () => {
  fc.assert(
    fc.property(payloads, (values) => {
      const text = chain(values).map(lineOf).join("");
      const parsed = parseRecords(text, "journal.jsonl");
      expect(parsed.torn).toBe(false);
      expect(parsed.records.map(({ seq }) => seq)).toEqual(values.map((_, at) => at + 1));
      expect(parsed.records.map(lineOf).join("")).toBe(text);
    }),
  );
});

test("a torn last line is cut, wherever it was torn", () => {
  const text = chain(["one", { two: 2 }])
    .map(lineOf)
    .join("");
  const first = text.indexOf("\n") + 1;
  for (let at = first + 1; at < text.length; at++) {
    const parsed = parseRecords(text.slice(0, at), "journal.jsonl");
    expect(parsed).toMatchObject({ torn: true, sound: text.slice(0, first) });
    expect(parsed.records).toHaveLength(1);
  }
});

test("zeros that a power cut left in place of the last line are cut", () => {
  const text = chain(["one"]).map(lineOf).join("");
  expect(parseRecords(`${text}${"\0".repeat(40)}\n`, "journal.jsonl").sound).toBe(text);
});

test("any other change of any byte is damage, named by line and with a way out", () => {
  const text = chain(["one", "two", "three"]).map(lineOf).join("");
  const last = text.lastIndexOf("\n", text.length - 2);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: last }), (at) => {
      const changed = `${text.slice(0, at)}${text[at] === "5" ? "6" : "5"}${text.slice(at + 1)}`;
      expect(() => parseRecords(changed, "journal.jsonl")).toThrow(UserError);
    }),
  );
});

test("a dropped, repeated or moved line is damage", () => {
  const lines = chain(["one", "two", "three"]).map(lineOf);
  for (const order of [
    [0, 2],
    [1, 2],
    [0, 0, 1, 2],
    [0, 2, 1],
  ]) {
    const text = order.map((at) => lines[at]).join("");
    expect(() => parseRecords(text, "journal.jsonl")).toThrow(/line \d of journal.jsonl/);
  }
});
