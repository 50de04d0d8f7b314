import { expect, test } from "vitest";
import { prove } from "../../../../tools/prove/large-restore.ts";

test("what a second thread and a second run put back is what a build makes", async () => {
  const said: string[] = [];
  const log = (line: string): void => void said.push(line);
  const { failed } = await prove({ seed: 20_261_123, full: false, log });
  expect(said).toEqual([]);
  expect(failed).toBe(0);
});
