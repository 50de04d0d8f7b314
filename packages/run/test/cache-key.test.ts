import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);

test("docs/cache-key.md has a row for every field of a fingerprint, in its order, and no other", () => {
  const source = readFileSync(new URL("packages/run/src/fingerprint.ts", root), "utf8");
  const body = source.slice(source.indexOf("export interface Fingerprint {"), source.indexOf("\n}\n"));
  const fields = [...body.matchAll(/^ {2}readonly (\w+):/gm)].map((match) => match[1]);
  const table = readFileSync(new URL("docs/cache-key.md", root), "utf8");
  const rows = [...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
  expect(fields.length).toBeGreaterThan(15);
  expect(rows).toEqual(fields);
});
