import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { onDisk, readEditedFixtures, readFixtures } from "./fixture.ts";
import { installPeers, runPeer } from "./peers.ts";

beforeAll(installPeers);

const page = readFileSync(new URL("../../../../docs/compatibility.md", import.meta.url), "utf8");

describe("docs/compatibility.md has a row for each flag of", () => {
  test.each([
    ["turbo", ["run", "--help"], "## turbo run"],
    ["nx", ["affected", "--help"], "## nx affected"],
  ] as const)("%s", async (tool, words, heading) => {
    const workspace = onDisk({ packages: {}, files: { "turbo.json": { tasks: {} }, "nx.json": {} } });
    try {
      const { stdout, stderr } = await runPeer(tool, words, workspace.root);
      const flags = `${stdout}\n${stderr}`.split("\n").flatMap(flagsAtItsStart);
      expect(flags.length).toBeGreaterThan(20);
      const rows = sectionOf(heading);
      expect(flags.filter((flag) => !rows.includes(`\`${flag}\``))).toEqual([]);
    } finally {
      workspace.remove();
    }
  });
});

test("docs/compatibility.md has a row for each difference that a comparison allows", () => {
  const rows = sectionOf("## Where Slipway differs");
  const missing = differences().filter((name) => !rows.includes(`| \`${name}\` |`));
  expect(missing).toEqual([]);
});

/** `  -F, --filter <FILTER>  Use ...` and `--skipNxCache, --disableNxCache  Rerun ...` */
function flagsAtItsStart(line: string): readonly string[] {
  const start = /^\s+((?:-{1,2}[A-Za-z][\w-]*(?:, )?)+)/.exec(line)?.[1] ?? "";
  return start.split(", ").filter((word) => word.startsWith("--"));
}

function sectionOf(heading: string): string {
  const from = page.indexOf(`${heading}\n`);
  const to = page.indexOf("\n## ", from + 1);
  return page.slice(from, to === -1 ? undefined : to);
}

function differences(): readonly string[] {
  const asks = ["turbo", "nx"].flatMap((folder) => readFixtures(folder).flatMap(([, { asks: all }]) => all));
  const edits = ["turbo-affected", "nx-affected"].flatMap((folder) =>
    readEditedFixtures(folder).flatMap(([, { edits: all }]) => all),
  );
  const ofEdits = edits.flatMap(({ differs, tasksDiffer, rangeDiffers }) => [
    differs,
    tasksDiffer,
    rangeDiffers,
  ]);
  const named = [...asks.map(({ differs }) => differs), ...ofEdits].flatMap(
    (names) => names?.split(", ") ?? [],
  );
  return [...new Set(named)];
}
