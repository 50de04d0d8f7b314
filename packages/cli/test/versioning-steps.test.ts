import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { playSteps } from "./steps.ts";

const cases = join(import.meta.dirname, "cases/versioning");

describe("versioning, as it is typed and answered:", () => {
  test.each(readdirSync(cases))("%s", async (name) => {
    const { expected, actual } = await playSteps(join(cases, name));
    expect(actual).toBe(expected);
  });
});
