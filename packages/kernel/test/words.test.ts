import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalJson,
  didYouMean,
  digestOf,
  integrityOf,
  isRecord,
  positionAt,
  sha256,
  splitTaskId,
  taskId,
  unreachable,
  UserError,
} from "@slipway/kernel";

describe("canonical JSON", () => {
  test("is JSON that means the same", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("does not depend on the order in which keys were set, so neither does a digest", () => {
    const records = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(records, (record) => {
        const turned = Object.fromEntries(Object.entries(record).toReversed());
        expect(canonicalJson({ nested: [turned] })).toBe(canonicalJson({ nested: [record] }));
        expect(digestOf(turned)).toBe(digestOf(record));
      }),
    );
  });

  test("leaves out what JSON leaves out: fields that are undefined, while a list keeps its places", () => {
    expect(canonicalJson({ b: undefined, a: [undefined, 1] })).toBe('{"a":[null,1]}');
    expect(canonicalJson(undefined)).toBe("null");
  });

  test("keeps a key named __proto__, and the order of lists", () => {
    const value: unknown = JSON.parse('{"b":[2,1],"__proto__":{"x":1},"a":null}');
    expect(canonicalJson(value)).toBe('{"__proto__":{"x":1},"a":null,"b":[2,1]}');
  });
});

describe("digests", () => {
  test("are those that sha256sum and npm write", () => {
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256(new TextEncoder().encode("abc"))).toBe(sha256("abc"));
    expect(integrityOf(new Uint8Array())).toBe(
      "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    );
  });
});

describe("did you mean", () => {
  test("a word with one slip in it is recognised among strangers", () => {
    const words = ["affected", "concurrency", "filter", "rehearse", "verbose"];
    const slips = fc
      .tuple(fc.constantFrom(...words), fc.nat(), fc.constantFrom("drop", "double", "swap"))
      .map(([word, position, slip]) => ({ word, typed: slipped(word, position % (word.length - 1), slip) }));
    fc.assert(
      fc.property(slips, ({ word, typed }) => {
        expect(didYouMean(typed, words)).toBe(word);
      }),
    );
  });

  test("a word far from all is left alone", () => {
    expect(didYouMean("launch", ["affected", "filter"])).toBeUndefined();
    expect(didYouMean("x", [])).toBeUndefined();
    expect(didYouMean("ab", ["cd"])).toBeUndefined();
  });

  test("case does not count, and of two equally near ones the first is taken", () => {
    expect(didYouMean("FILTER", ["filter"])).toBe("filter");
    expect(didYouMean("boild", ["build", "bold"])).toBe("build");
  });
});

function slipped(word: string, at: number, slip: string): string {
  const [before, letter = "", next = "", after] = [
    word.slice(0, at),
    word[at],
    word[at + 1],
    word.slice(at + 2),
  ];
  if (slip === "drop") return before + next + after;
  return slip === "swap" ? before + next + letter + after : before + letter + letter + next + after;
}

describe("task ids", () => {
  test("fall apart into what they were made of, scopes and odd task names included", () => {
    const packages = fc.constantFrom("core", "@scope/core", "//");
    fc.assert(
      fc.property(packages, fc.string({ minLength: 1 }), (name, task) => {
        expect(splitTaskId(taskId(name, task))).toEqual({ package: name, task });
      }),
    );
  });
});

describe("positions", () => {
  test("line and column lead back to the offset", () => {
    const texts = fc
      .array(fc.constantFrom("a", "é", "\n", "\r\n"), { minLength: 1 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, fc.nat(), (text, any) => {
        const offset = any % (text.length + 1);
        const { line, column } = positionAt(text, offset);
        const lines = text.split("\n");
        const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
        expect(before + column - 1).toBe(offset);
        expect(column - 1).toBeLessThanOrEqual(lines[line - 1]?.length ?? 0);
      }),
    );
  });
});

describe("user errors", () => {
  test("take their exit status from the catalogue", () => {
    expect(new UserError("task/unknown", "no task").exit).toBe(2);
    expect(new UserError("registry/unreachable", "silence").exit).toBe(3);
    expect(new UserError("release/gate-failed", "no").exit).toBe(1);
  });

  test("carry their cause, hint and problems, and nothing that was not given", () => {
    const cause = new Error("ECONNREFUSED");
    const error = new UserError("registry/unreachable", "silence", { cause, hint: "wait" });
    expect(error).toMatchObject({ name: "UserError", message: "silence", hint: "wait", cause, problems: [] });
    expect(new UserError("task/unknown", "no task")).not.toHaveProperty("cause");
  });

  test("stand for all problems of an input, the first one giving code and hint", () => {
    const problems = [
      { code: "config/malformed", message: "a comma is missing", file: "nx.json", line: 3, hint: "add it" },
      { code: "workspace/bad-manifest", message: "no object", file: "a/package.json" },
    ] as const;
    expect(UserError.of(problems)).toMatchObject({ code: "config/malformed", hint: "add it", problems });
    expect(() => UserError.of([])).toThrow("at least one");
  });

  test("a branch that cannot be reached says what reached it", () => {
    expect(() => unreachable({ kind: "new" } as never)).toThrow('unreachable: {"kind":"new"}');
  });
});

test("a record is an object that is neither null nor a list", () => {
  expect([{}, Object.create(null), [], null, "text", 1].map(isRecord)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
