import { readSlipwaySettings, slipwaySchema, type SettingSchema } from "@slipway/plan";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { settingsReference, settingsSchema } from "../../../tools/settings-reference.ts";

const root = join(import.meta.dirname, "../../..");
const published: unknown = JSON.parse(readFileSync(join(root, "packages/cli/slipway.schema.json"), "utf8"));

test("slipway.schema.json and docs/settings.md are what the reader checks against (`node tools/settings-reference.ts` writes them)", () => {
  expect(published).toEqual(JSON.parse(settingsSchema()));
  expect(readFileSync(join(root, "docs/settings.md"), "utf8")).toBe(settingsReference());
});

describe("the reader and a validator of JSON Schema agree", () => {
  const validates = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(published as object);
  const scalar = fc.constantFrom<unknown>(
    true,
    false,
    2,
    3,
    "patch",
    "match",
    "out-of-range",
    "1.x",
    "latest",
    "beta",
    "each",
    null,
  );

  /** Values that often fit the schema, and often nearly do. */
  function like(schema: SettingSchema): fc.Arbitrary<unknown> {
    const inner = schema.anyOf?.map(like) ?? [];
    const fitting = schema.enum ? [fc.constantFrom<unknown>(...schema.enum)] : inner;
    const keys = Object.entries(schema.properties ?? {});
    const known =
      keys.length > 0
        ? [
            // A few keys: of many, one would nearly always be wrong.
            fc
              .subarray(keys, { maxLength: Math.min(3, keys.length) })
              .chain((some) => fc.record(Object.fromEntries(some.map(([key, each]) => [key, like(each)])))),
          ]
        : [];
    const open = schema.additionalProperties
      ? [
          fc.dictionary(fc.constantFrom("a", "1.x", "tags"), like(schema.additionalProperties), {
            noNullPrototype: true,
          }),
        ]
      : [];
    const listed = schema.items ? [fc.array(like(schema.items), { maxLength: 2 })] : [];
    const text = schema.enum ? [] : [fc.constantFrom<unknown>(...(schema.examples ?? ["beta"]))];
    const plain = schema.type === "boolean" ? [fc.boolean()] : schema.type === "string" ? text : [];
    return fc.oneof(
      scalar,
      ...[...fitting, ...known, ...open, ...listed, ...plain].map((arbitrary) => ({ arbitrary, weight: 16 })),
    );
  }

  test("on any settings, right or wrong", () => {
    const seen = { fine: 0, wrong: 0 };
    fc.assert(
      fc.property(like(slipwaySchema), (value) => {
        const read = readSlipwaySettings(JSON.stringify(value));
        seen[read.ok ? "fine" : "wrong"]++;
        expect(read.ok).toBe(validates(value));
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(Math.min(seen.fine, seen.wrong)).toBeGreaterThan(30);
  });
});

test("everything wrong in slipway.json is named with its line", () => {
  const text = `{
  "changesets": {
    "generation": 4, // neither
    "peer": {},
    "branches": { "1.x": { "distTag": "latest" } },
    "__proto__": 1
  },
  "release": { "lock": "no" }
}`;
  const read = readSlipwaySettings(text);
  expect(read.ok ? [] : read.problems.map(({ line, message }) => `${line}: ${message}`)).toEqual([
    '3: "changesets.generation" has to be 2 or 3',
    '4: "changesets.peer" is not known; did you mean "peers"?',
    '5: "changesets.branches.1.x.distTag" has to be a string such as "release-1.x"',
    '6: "changesets.__proto__" is not known',
    '8: "release.lock" has to be true or false',
  ]);
});
