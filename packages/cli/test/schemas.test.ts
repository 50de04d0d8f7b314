import { Ajv2020 } from "ajv/dist/2020.js";
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { dispatch } from "../src/dispatch.ts";
import { testOutside } from "./outside.ts";

const schemas = join(import.meta.dirname, "../../../docs/schema");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });

function validate(schema: string, value: unknown): void {
  const check = ajv.compile(JSON.parse(readFileSync(join(schemas, `${schema}.json`), "utf8")) as object);
  expect(check(value) ? [] : check.errors).toEqual([]);
}

test.each(readdirSync(schemas))("%s is a schema that strict readers accept", (file) => {
  const schema = JSON.parse(readFileSync(join(schemas, file), "utf8")) as object;
  expect(ajv.validateSchema(schema)).toBe(true);
});

describe("what is printed is what the schema says", () => {
  let cwd = "";
  beforeAll(() => {
    cwd = realpathSync(mkdtempSync(join(tmpdir(), "slipway-schemas-")));
    cpSync(join(import.meta.dirname, "fixtures/two-packages"), cwd, { recursive: true });
    const git = (...args: string[]) => execFileSync("git", args, { cwd, stdio: "ignore" });
    git("init", "-q", "-b", "main");
    git("add", "-A");
    git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "-m", "start");
  });

  async function answer(line: string): Promise<string> {
    const env = { PATH: process.env["PATH"], HOME: cwd, SLIPWAY_CACHE_DIR: join(cwd, "cache") };
    const outside = testOutside({ cwd, env });
    expect(await dispatch(line.split(" "), outside)).toBe(0);
    return outside.stdout();
  }

  test.each([
    ["run-plan", "run build test --plan --json"],
    ["run-plan", "run build --affected --base HEAD --plan --json"],
    ["affected", "affected --base HEAD --json"],
    ["affected", "affected build test --base HEAD --json"],
    ["show-task", "show web#build --json --files"],
    ["show-task", "show core#test --json"],
    ["why", "why web#test --json"],
    ["graph", "graph --json"],
    ["graph", "graph build --json"],
  ])("%s: slipway %s", async (schema, line) => {
    validate(schema, JSON.parse(await answer(line)));
  });

  test("run-event: every line of a run that misses, and of one that hits", async () => {
    for (const line of ["run build test --json --concurrency 1", "run build test --json --concurrency 1"]) {
      const events = (await answer(line))
        .trimEnd()
        .split("\n")
        .map((text) => JSON.parse(text) as { type: string });
      for (const event of events) validate("run-event", event);
      expect(events.at(0)?.type).toBe("started");
      expect(events.at(-1)?.type).toBe("finished");
    }
  });
});
