import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { playSteps } from "./steps.ts";

const cases = join(import.meta.dirname, "cases/bad-input");

/** Each folder's name is the sentence: what is wrong. What is said about it stands in its steps.golden.txt. */
describe("bad input is answered with what is wrong, where, and what to do:", () => {
  test.each(readdirSync(cases))("%s", async (name) => {
    const { expected, actual } = await playSteps(join(cases, name));
    expect(actual).toBe(expected);
  });
});
