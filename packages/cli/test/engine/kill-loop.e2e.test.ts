import { expect, test } from "vitest";
import { prove } from "../../../../tools/prove/kill-loop.ts";

test("a run that is killed leaves a whole store, and the next one is right", async () => {
  const said: string[] = [];
  const { failed } = await prove({ seed: 20_261_123, full: false, log: (line) => said.push(line) });
  expect(said).toEqual([]);
  expect(failed).toBe(0);
});
