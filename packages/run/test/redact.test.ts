import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogPiece } from "../src/ports.ts";
import { joinedPieces, redactLog, secretValues } from "../src/redact.ts";
import { logCharsMax, TaskLog } from "../src/task-log.ts";

const token = `npm_${"a".repeat(36)}`;

test("values of secret and passed variables and well-known tokens are taken out of a log before it is kept", () => {
  const env = {
    NPM_TOKEN: "s3cret-value",
    DEPLOY: "passed-value",
    HOME: "/home/somebody",
    SHORT_TOKEN: "abc",
  };
  const log = [
    [1, "token s3cret"],
    [1, `-value and ${token}\n`],
    [2, "passed-value /home/somebody abc"],
  ] as const;
  expect(
    joinedPieces(
      redactLog(
        log,
        secretValues(env, (name) => name === "DEPLOY"),
      ),
    ),
  ).toEqual([
    [1, "token *** and ***\n"],
    [2, "*** /home/somebody abc"],
  ]);
});

test("what every task sees anyway stays in a log, unless its name looks secret", () => {
  const env = {
    HOME: "/home/runner",
    SHELL: "/bin/bash",
    GITHUB_REPOSITORY: "acme/monorepo",
    GITHUB_TOKEN: "of-the-job-itself",
  };
  expect(secretValues(env, () => true)).toEqual(["of-the-job-itself", "of-the-job-itself"]);
});

test.each([
  ["a value in an address", "https://x/?key=p%26ss%2Fword!", ["p&ss/word!"], "https://x/?key=***"],
  ["a value in JSON", String.raw`{"k":"pa\"ss\nword"}`, [`pa"ss\nword`], '{"k":"***"}'],
  ["a value that ends in a line break", "is abcdefgh!", ["abcdefgh\n"], "is ***!"],
  ["one value within another", "abcdefghijkl abcdefgh", ["abcdefgh", "abcdefghijkl"], "*** ***"],
  ["what a workflow masks", "::add-mask::hidden-one\nhidden-one\n", [], "::add-mask::***\n***\n"],
  ["the password of an address", "postgres://me:secret@db/x", [], "postgres://me:***@db/x"],
  ["a header", "Authorization: Bearer abc.def-123", [], "Authorization: Bearer ***"],
  ["a key", "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----", [], "***"],
] as const)("%s is taken out", (...[, text, secrets, expected]) => {
  expect(redactLog([[1, text]], secrets)).toEqual([[1, expected]]);
});

test("the lines of a value of several lines are secrets, too", () => {
  const values = secretValues({ SIGNING_KEY: "first-line\nsecond-line" }, () => false);
  expect(redactLog([[1, "| first-line\n| second-line\n"]], values)).toEqual([[1, "| ***\n| ***\n"]]);
});

test("no split into pieces, whatever the other stream writes between them, lets a secret through", () => {
  const text = `one s3cret-value two ${token} s3cret-values3cret-value`;
  const cuts = fc.array(fc.tuple(fc.nat(text.length), fc.string({ maxLength: 5 })), { maxLength: 40 });
  fc.assert(
    fc.property(cuts, (drawn) => {
      const pieces: LogPiece[] = [];
      let from = 0;
      for (const [to, other] of drawn.toSorted((a, b) => a[0] - b[0])) {
        pieces.push([1, text.slice(from, to)], [2, other]);
        from = to;
      }
      pieces.push([1, text.slice(from)]);
      const redacted = redactLog(pieces, ["s3cret-value"]);
      const own = redacted.filter(([stream]) => stream === 1).map((piece) => piece[1]);
      expect(own.join("")).toBe("one *** two *** ***");
      expect(redacted.filter(([stream]) => stream === 2)).toEqual(pieces.filter(([stream]) => stream === 2));
    }),
  );
});

test("a log is bounded however small its pieces are, and keeps no half of a line at the gap", () => {
  const log = new TaskLog();
  for (let at = 0; at < 200_000; at++) log.add(((at % 2) + 1) as 1 | 2, "x");
  const small = log.pieces().reduce((sum, [, text]) => sum + text.length, 0);
  expect(small).toBeLessThan(logCharsMax / 16);
  const long = new TaskLog();
  const line = `${"0123456789".repeat(10)}\n`;
  for (let at = 0; at < 100_000; at++) long.add(1, line);
  const text = long
    .pieces()
    .map((piece) => piece[1])
    .join("");
  expect(text.length).toBeLessThan(logCharsMax * 1.2);
  expect(text).toMatch(/\[\d+ characters of this log were not kept\]/);
  expect(
    text.split("\n").filter((each) => each !== "" && !each.startsWith("[") && `${each}\n` !== line),
  ).toEqual([]);
});
