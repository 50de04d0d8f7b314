import { expect, test } from "vitest";
import { onDemand } from "../../../../tools/on-demand.ts";
import { prove } from "../../../../tools/prove/version-plans.ts";

const changesets = onDemand("changesets");
if ("missing" in changesets) console.log(`skipped: ${changesets.missing}`);

test.skipIf("missing" in changesets)(
  "random workspaces end up with the same bytes as under the libraries of Changesets 2 and 3",
  { timeout: 120_000 },
  async () => {
    const told: string[] = [];
    const { failed } = await prove({ seed: 20_261_123, full: false, log: (line) => told.push(line) });
    expect(failed, told.join("\n")).toBe(0);
  },
);
