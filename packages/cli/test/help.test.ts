import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../src/commands/index.ts";
import { dispatch } from "../src/dispatch.ts";
import { cliReference } from "../../../tools/cli-reference.ts";
import { testOutside } from "./outside.ts";

const goldens = join(import.meta.dirname, "help");
const pages = ["", ...commands.map((row) => row.name)];

function golden(path: string, actual: string): string {
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(path, actual);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function fileOf(page: string): string {
  return `${["slipway", ...page.split(" ").filter(Boolean)].join("-")}.golden.txt`;
}

describe("help is made from the table and reads as its golden text:", () => {
  test.each(pages)("slipway %s --help", async (page) => {
    const outside = testOutside();
    expect(await dispatch([...page.split(" ").filter(Boolean), "--help"], outside)).toBe(0);
    expect(outside.stdout()).toBe(golden(join(goldens, fileOf(page)), outside.stdout()));
  });

  test("no golden text is left of a command that is gone", () => {
    expect(readdirSync(goldens).toSorted()).toEqual(pages.map(fileOf).toSorted());
  });
});

test("docs/cli.md is what the table says (`node tools/cli-reference.ts` writes it)", async () => {
  const path = join(import.meta.dirname, "../../../docs/cli.md");
  const reference = await cliReference();
  expect(golden(path, reference)).toBe(reference);
});

describe("the table keeps its own rules:", () => {
  test.each(commands)("$name", async (row) => {
    expect(row.name).toMatch(/^[a-z]+(?:-[a-z]+)?(?: [a-z]+)?$/);
    expect(row.summary).toMatch(/^[a-z].*[^.]$/);
    const command = await row.load();
    const shorts = Object.values(command.options).flatMap((option) => option.short ?? []);
    expect(new Set(shorts).size, "a short flag stands for one option").toBe(shorts.length);
    for (const [name, option] of Object.entries(command.options)) {
      expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(["C", "h", "v"]).not.toContain(option.short);
      if (!option.hidden) expect(option.summary).not.toBe("");
    }
    const early = command.positionals.slice(0, -1);
    expect(
      early.some((each) => each.many),
      "only the last word may take many",
    ).toBe(false);
  });
});
