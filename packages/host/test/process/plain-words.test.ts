import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { PlainWords } from "../../src/process/plain-words.ts";

const home = mkdtempSync(join(tmpdir(), "slipway-words-"));
const isDash = process.platform === "linux" && realpathSync("/bin/sh").endsWith("/dash");
const env = { PATH: `${home}/node_modules/.bin:/usr/bin:/bin` };

afterAll(() => rmSync(home, { recursive: true }));

describe.runIf(isDash)("a line", () => {
  test.each<[string, readonly string[]]>([
    ["tsc", ["tsc"]],
    ["  tsc -p tsconfig.build.json\t--noEmit ", ["tsc", "-p", "tsconfig.build.json", "--noEmit"]],
    [
      "node ./a.js --define=X=1 @scope/x:y 50% a,b +c",
      ["node", "./a.js", "--define=X=1", "@scope/x:y", "50%", "a,b", "+c"],
    ],
  ])("is a program and its arguments: %j", (line, words) => {
    expect(new PlainWords().in({ line, shell: null, env })).toEqual(words);
  });

  test.each([
    "",
    "  ",
    "a && b",
    "a; b",
    "a | b",
    "a & b",
    "a > b",
    "a < b",
    "a *.js",
    "a ?",
    "a [b]",
    "a {b,c}",
    "a ~",
    "a $B",
    "a `b`",
    "a 'b'",
    'a "b"',
    "a \\b",
    "a #b",
    "a (b)",
    "! a",
    "a\nb",
    "a\u00a0b",
    "CI=1 a",
    "echo a",
    "cd dist",
    "exit 3",
    ". ./a.sh",
    "if a",
  ])("is for a shell to read: %j", (line) => {
    expect(new PlainWords().in({ line, shell: null, env })).toBeNull();
  });

  test("is for its shell, where that is another or another stands before it on PATH", () => {
    const call = { line: "tsc", shell: null, env };
    expect(new PlainWords().in({ ...call, shell: "/bin/bash" })).toBeNull();
    expect(new PlainWords().in({ ...call, env: { PATH: ".:/usr/bin" } })).toBeNull();
    expect(new PlainWords().in({ ...call, env: { PATH: ":/usr/bin" } })).toBeNull();
    expect(new PlainWords().in({ ...call, env: {} })).toBeNull();
    expect(new PlainWords().in({ ...call, env: { ...env, IFS: "," } })).toBeNull();
    mkdirSync(join(home, "node_modules/.bin"), { recursive: true });
    writeFileSync(join(home, "node_modules/.bin/sh"), "");
    chmodSync(join(home, "node_modules/.bin/sh"), 0o755);
    expect(new PlainWords().in(call)).toBeNull();
  });
});
