import { expect, test } from "vitest";
import { readMergedChanges, tallyOf } from "../../../../tools/prove/preselection.ts";

test("four of five authors would have had nothing to change in the packages that are proposed", () => {
  const { total, same } = tallyOf(readMergedChanges().filter((_, at) => at % 4 === 0));
  expect(total).toBeGreaterThan(130);
  expect(same / total).toBeGreaterThan(0.8);
});
