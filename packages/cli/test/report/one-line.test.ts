import { expect, test } from "vitest";
import { affectedReasonText } from "../../src/report/because.ts";
import { noticeLine } from "../../src/report/run/lines.ts";

const path = 'a/new\nline \u001B[31m\u009Btab\t"ü".txt';
const told = 'a/new\\nline \\u001b[31m\\u009btab\\t"ü".txt';

test("a file's name cannot break a line, nor speak to the terminal", () => {
  expect(affectedReasonText({ kind: "file", path })).toBe(`${told} changed`);
  const notice = noticeLine({ type: "notice", code: "inputs/unknown", message: path }, (_, text) => text);
  expect(notice).toBe(`notice[inputs/unknown]: ${told}`);
});
