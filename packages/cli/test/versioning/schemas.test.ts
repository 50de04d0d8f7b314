import { Ajv2020 } from "ajv/dist/2020.js";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const cwd = mkdtempSync(join(tmpdir(), "slipway-version-schemas-"));
const tree = "../cases/versioning/a-release-from-change-to-changelog/in";
beforeAll(() => cpSync(join(import.meta.dirname, tree), cwd, { recursive: true }));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test.each([
  ["version-plan", "version --plan --json"],
  ["version-plan", "version --plan --json --snapshot canary"],
  ["status", "status --json"],
  ["why-bump", "why-bump web --json"],
])("%s is what `slipway %s` prints", async (schema, line) => {
  const outside = testOutside({ cwd, env: {} });
  expect(await dispatch(line.split(" "), outside)).toBe(0);
  const file = join(import.meta.dirname, `../../../../docs/schema/${schema}.json`);
  const check = ajv.compile(JSON.parse(readFileSync(file, "utf8")) as object);
  expect(check(JSON.parse(outside.stdout())) ? [] : check.errors).toEqual([]);
});
