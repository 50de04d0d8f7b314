import { UserError } from "@slipway/kernel";
import { describe, expect, test } from "vitest";
import { command } from "../src/command.ts";
import { parse } from "../src/parse.ts";

const sample = command({
  positionals: [{ name: "TASK", summary: "what to run", many: true }],
  rest: true,
  options: {
    affected: { type: "boolean", summary: "only what changed" },
    cache: { type: "boolean", default: true, summary: "use the cache" },
    base: { type: "text", value: "REF", env: ["FIRST_BASE", "SECOND_BASE"], summary: "compare with REF" },
    filter: { type: "text", value: "WHAT", short: "F", many: true, summary: "choose packages" },
    dry: { type: "text", value: "FORM", bare: "text", choices: ["text", "json"], summary: "only plan" },
    retries: { type: "number", value: "N", unit: "attempts", default: 3, max: 9, summary: "how often" },
    "skip-nx-cache": { type: "boolean", summary: "as nx says it" },
    parallel: { type: "text", value: "N", bare: "", pattern: /^\d+$/, summary: "" },
    ui: { type: "text", value: "KIND", summary: "", ignored: "it follows the terminal" },
    daemon: { type: "boolean", summary: "", instead: "Slipway has no daemon" },
  },
  run: () => Promise.resolve(0),
});

function read(line: string, env: Record<string, string> = {}) {
  return parse("run", sample, { words: line.split(" ").filter(Boolean), env });
}

function refusal(line: string, env: Record<string, string> = {}): UserError {
  try {
    read(line, env);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`"${line}" was accepted`);
}

describe("what is understood", () => {
  test("options take defaults, flags, and the last of several values", () => {
    expect(read("build").options).toEqual({
      affected: false,
      cache: true,
      base: undefined,
      filter: [],
      dry: undefined,
      retries: 3,
      "skip-nx-cache": false,
      parallel: undefined,
      ui: undefined,
      daemon: false,
    });
    const { options } = read("build --affected --no-cache --base a --base=b -F x --filter y --retries 5");
    expect(options).toMatchObject({
      affected: true,
      cache: false,
      base: "b",
      filter: ["x", "y"],
      retries: 5,
    });
  });

  test("a flag with an optional value leaves the next word alone", () => {
    expect(read("--dry build")).toMatchObject({ options: { dry: "text" }, positionals: ["build"] });
    expect(read("--dry=json build").options["dry"]).toBe("json");
  });

  test("the environment gives what no flag gives, the first variable that is set wins", () => {
    const env = { FIRST_BASE: "", SECOND_BASE: "main" };
    expect(read("build", env).options["base"]).toBe("main");
    expect(read("build --base next", env).options["base"]).toBe("next");
    expect(read("build", env).given).toEqual(new Set(["base"]));
  });

  test("words after -- are for somebody else, even when they look like flags", () => {
    expect(read("build -- --affected x")).toMatchObject({
      options: { affected: false },
      positionals: ["build"],
      rest: ["--affected", "x"],
    });
  });

  test("an optional value that looks like one may stand behind a space", () => {
    expect(read("build --parallel 3")).toMatchObject({ options: { parallel: "3" }, positionals: ["build"] });
    expect(read("--parallel build")).toMatchObject({ options: { parallel: "" }, positionals: ["build"] });
  });

  test("a flag without effect is said", () => {
    expect(read("build --ui tui").notes).toEqual(["--ui has no effect: it follows the terminal"]);
    expect(read("build").notes).toEqual([]);
  });

  test("nx's camel case is the same flag", () => {
    expect(read("build --skipNxCache").options["skip-nx-cache"]).toBe(true);
  });
});

describe("what is refused, with all that is wrong at once", () => {
  test.each([
    ["build --afected", "run has no flag --afected", "did you mean --affected?"],
    ["build --dry=jsn", '--dry is one of text, json; got "jsn"', "did you mean `--dry=json`?"],
    ["build --retries many", '--retries takes a whole number of attempts, 0 to 9; got "many"', undefined],
    ["build --affected=yes", '--affected takes no value, but got "yes"', undefined],
    ["build --base", "--base needs a value: --base REF", undefined],
    ["", "run needs TASK", "see `slipway run --help`"],
    ["build --daemon", "run does not take --daemon", "Slipway has no daemon"],
  ])("%s", (line, message, hint) => {
    const error = refusal(line);
    expect(error.message).toBe(message);
    expect(error.problems[0]?.hint).toBe(hint);
    expect(error.exit).toBe(2);
  });

  test("every problem is named", () => {
    expect(refusal("--afected --retries x").problems.map((problem) => problem.code)).toEqual([
      "cli/unknown-flag",
      "cli/bad-argument",
      "cli/bad-argument",
    ]);
  });

  test("a bad value from the environment names the variable", () => {
    const dry = command({
      ...sample,
      options: { dry: { type: "text", value: "F", choices: ["a"], env: ["DRY"], summary: "" } },
    });
    expect(() => parse("run", dry, { words: ["build"], env: { DRY: "b" } })).toThrow(
      "DRY (--dry) is one of a",
    );
  });
});
