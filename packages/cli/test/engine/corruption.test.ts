import { expect, test } from "vitest";
import { prove } from "../../../../tools/prove/corruption.ts";

test("damage of the store is caught before a byte is written", async () => {
  const said: string[] = [];
  const { failed } = await prove({ seed: 20_261_123, full: false, log: (line) => said.push(line) });
  expect(said).toEqual([]);
  expect(failed).toBe(0);
});
