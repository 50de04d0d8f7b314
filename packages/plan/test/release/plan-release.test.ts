import { expect, test } from "vitest";
import {
  planPromotion,
  planRelease,
  planRollback,
  tagsElsewhere,
  untaggedVersions,
  releasePlanDigest,
  sealPlan,
  type PublishedPackage,
  type ReleaseCandidate,
  type ReleaseInput,
} from "../../src/index.ts";

const registry = "https://registry.test/";

function candidate(name: string, more: Partial<ReleaseCandidate> = {}): ReleaseCandidate {
  return {
    name,
    version: "1.1.0",
    dir: `packages/${name}`,
    private: false,
    tagOnly: false,
    ignored: false,
    access: null,
    registry,
    publishTag: null,
    needs: [],
    ...more,
  };
}

function view(distTags: Record<string, string>, versions: Record<string, object | null>): PublishedPackage {
  const entries = Object.entries(versions).map(([version, slipway]) => {
    return [version, { integrity: `sha512-${version}`, manifest: slipway ? { slipway } : {} }] as const;
  });
  return { distTags, versions: Object.fromEntries(entries) };
}

const mark = { release: "0123456789ab", commit: "c1", plan: "digest", tag: "latest", from: "1.0.0" };
const old = view({ latest: "1.0.0" }, { "1.0.0": null });
const held = view({ latest: "1.0.0", "slipway-0123456789ab": "1.1.0" }, { "1.0.0": null, "1.1.0": mark });
const done = view({ latest: "1.1.0" }, { "1.0.0": null, "1.1.0": mark });

function input(more: Partial<ReleaseInput>): ReleaseInput {
  return {
    commit: "c1",
    mode: "tag",
    channel: null,
    preTag: null,
    candidates: [],
    published: {},
    gitTags: {},
    singlePackage: false,
    gates: [],
    ...more,
  };
}

test("a plan is JSON, and the same input gives the same plan", () => {
  const given = input({
    candidates: [candidate("a"), candidate("b", { needs: ["a"] })],
    published: { a: old },
  });
  const plan = planRelease(given);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  expect(releasePlanDigest(planRelease(given))).toBe(releasePlanDigest(plan));
  expect(releasePlanDigest(sealPlan(plan, { a: "sha512-x" }))).not.toBe(releasePlanDigest(plan));
});

test("the batch is what the registry does not have, each after what it needs", () => {
  const plan = planRelease(
    input({
      candidates: [
        candidate("app", { needs: ["lib", "gone"] }),
        candidate("lib"),
        candidate("out"),
        candidate("secret", { private: true }),
        candidate("asleep", { ignored: true }),
        candidate("draft", { version: null }),
      ],
      published: { app: old, lib: old, out: view({ latest: "1.1.0" }, { "1.1.0": null }) },
    }),
  );
  expect(plan.packages.map(({ name, from, needs, first }) => ({ name, from, needs, first }))).toEqual([
    { name: "lib", from: "1.0.0", needs: [], first: false },
    { name: "app", from: "1.0.0", needs: ["lib"], first: false },
  ]);
  expect(plan.left.map(({ name, because }) => [name, because])).toEqual([
    ["out", "already-published"],
    ["secret", "private"],
    ["asleep", "ignored"],
    ["draft", "no-version"],
  ]);
});

test("packages that need each other in a circle still have an order", () => {
  const plan = planRelease(
    input({ candidates: [candidate("a", { needs: ["b"] }), candidate("b", { needs: ["a"] })] }),
  );
  expect(plan.packages.map(({ name }) => name).toSorted()).toEqual(["a", "b"]);
});

test("what an unfinished batch uploaded is in it again, under its id and at its commit", () => {
  const candidates = [candidate("a"), candidate("b")];
  const plan = planRelease(input({ commit: "c2", candidates, published: { a: held, b: old } }));
  expect(plan).toMatchObject({ id: "0123456789ab", commit: "c2", batchTag: "slipway-0123456789ab" });
  expect(plan.packages).toMatchObject([
    { name: "a", state: "uploaded", commit: "c1", integrity: "sha512-1.1.0", from: "1.0.0" },
    { name: "b", state: "missing", commit: "c2", integrity: null },
  ]);
});

test("a version of somebody else is never adopted, whatever tag it has", () => {
  const foreign = view({ latest: "1.0.0", "slipway-0123456789ab": "1.1.0" }, { "1.1.0": null });
  const plan = planRelease(
    input({ candidates: [candidate("a"), candidate("b")], published: { a: foreign, b: old } }),
  );
  expect(plan.packages.map(({ name }) => name)).toEqual(["b"]);
});

test("a first version says so, since registries make it latest at once", () => {
  const plan = planRelease(input({ candidates: [candidate("a")], published: { a: null } }));
  expect(plan.packages).toMatchObject([{ first: true, from: null, because: [{ kind: "first-version" }] }]);
});

test.each([
  [
    "the channel that was asked for",
    { channel: "canary", preTag: "beta" },
    { publishTag: "next" },
    old,
    "canary",
  ],
  ["the tag of pre mode", { preTag: "beta" }, { publishTag: "next" }, old, "beta"],
  [
    "latest for what only has such prereleases",
    { preTag: "beta" },
    {},
    view({}, { "1.0.0-beta.0": null }),
    "latest",
  ],
  ["publishConfig.tag", {}, { publishTag: "next" }, old, "next"],
  ["latest otherwise", {}, {}, old, "latest"],
])("the dist-tag that moves is %s", (...[, how, of, published, tag]) => {
  const plan = planRelease(input({ ...how, candidates: [candidate("a", of)], published: { a: published } }));
  expect(plan.packages[0]?.tag).toBe(tag);
});

test("git tags are those of the batch, of private packages that are tagged, and those that were lost", () => {
  const candidates = [
    candidate("a"),
    candidate("b"),
    candidate("p", { private: true, tagOnly: true }),
    candidate("c"),
  ];
  const published = { a: old, b: done, c: view({ latest: "1.1.0" }, { "1.1.0": null }) };
  const plan = planRelease(input({ commit: "c2", candidates, published }));
  expect(plan.gitTags.map(({ name, commit }) => [name, commit])).toEqual([
    ["a@1.1.0", "c2"],
    ["b@1.1.0", "c1"],
    ["p@1.1.0", "c2"],
  ]);
  const single = planRelease(
    input({ singlePackage: true, candidates: [candidate("a")], published: { a: old } }),
  );
  expect(single.gitTags.map(({ name }) => name)).toEqual(["v1.1.0"]);
});

test("what others published without a git tag is named and not tagged: nobody knows its commit", () => {
  const candidates = [candidate("a"), candidate("b"), candidate("c")];
  const published = {
    a: view({ latest: "1.1.0" }, { "1.1.0": null }),
    b: done,
    c: view({ latest: "1.1.0" }, { "1.1.0": null }),
  };
  const existing = { "c@1.1.0": "c0" };
  const plan = planRelease(input({ candidates, published, gitTags: existing }));
  expect(untaggedVersions(plan, { existing, singlePackage: false })).toEqual(["a@1.1.0"]);
});

test("a git tag that stands at another commit before its version is uploaded is named, and stays", () => {
  const candidates = [candidate("a"), candidate("b")];
  const existing = { "a@1.1.0": "c0", "b@1.1.0": "c1" };
  const plan = planRelease(input({ candidates, published: { a: old, b: old }, gitTags: existing }));
  expect(plan.gitTags).toEqual([]);
  expect(tagsElsewhere(plan, { existing, singlePackage: false })).toEqual([
    { name: "a@1.1.0", commit: "c0", package: "a", version: "1.1.0" },
  ]);
});

const released = [
  { name: "lib", version: "1.1.0", registry, tag: "latest", before: "1.0.0" },
  { name: "app", version: "1.1.0", registry, tag: "latest", before: "1.0.0" },
];

test("a rollback moves the tags back, dependents first, and deprecates; done twice it has nothing to do", () => {
  const sources = { release: "r", packages: released, published: { lib: done, app: done } };
  const plan = planRollback(sources, "bad");
  expect(plan.moves.map(({ package: name, from, to }) => [name, from, to])).toEqual([
    ["app", "1.1.0", "1.0.0"],
    ["lib", "1.1.0", "1.0.0"],
  ]);
  expect(plan.deprecations.map(({ package: name, message }) => [name, message])).toEqual([
    ["app", "bad"],
    ["lib", "bad"],
  ]);
  const after: PublishedPackage = {
    distTags: { latest: "1.0.0" },
    versions: { "1.1.0": { integrity: null, manifest: { deprecated: "bad" } } },
  };
  const again = planRollback({ ...sources, published: { lib: after, app: after } }, "bad");
  expect([again.moves, again.deprecations]).toEqual([[], []]);
});

test("a rollback leaves what somebody moved since, and the first version of a package", () => {
  const moved = view({ latest: "2.0.0" }, { "1.1.0": mark, "2.0.0": null });
  const [lib, app] = released;
  const plan = planRollback(
    { release: "r", packages: [{ ...lib!, before: null }, app!], published: { lib: done, app: moved } },
    "bad",
  );
  expect(plan.moves).toEqual([]);
  expect(plan.left.map(({ package: name, because }) => [name, because])).toEqual([
    ["app", "moved-since"],
    ["lib", "first-version"],
  ]);
});

test("a rollback takes back what promotions moved, and says of which other tags it does not know where they stood", () => {
  const there = view({ latest: "1.1.0", next: "1.1.0", lts: "1.1.0" }, { "1.0.0": null, "1.1.0": mark });
  const [lib] = released;
  const move = (tag: string, from: string | null, to: string) => ({
    package: "lib",
    registry,
    tag,
    from,
    to,
  });
  const promoted = [
    move("latest", "0.9.0", "1.0.1"),
    move("latest", "1.0.0", "1.1.0"),
    move("old", null, "1.1.0"),
  ];
  const sources = {
    release: "r",
    packages: [{ ...lib!, tag: "next", before: null }],
    published: { lib: there },
  };
  const plan = planRollback({ ...sources, promoted }, "bad");
  expect(new Map(plan.moves.map(({ tag, to }) => [tag, to]))).toEqual(
    new Map([
      ["latest", "1.0.0"],
      ["next", null],
    ]),
  );
  expect(new Map(plan.left.map(({ tag, because }) => [tag, because]))).toEqual(
    new Map([
      ["lts", "origin-unknown"],
      ["old", "already-there"],
    ]),
  );
});

test("a promotion sets one more tag on all, dependencies first, and skips what is there", () => {
  const there = view({ latest: "1.0.0", next: "1.1.0" }, { "1.1.0": mark });
  const plan = planPromotion(
    { release: "r", packages: released, published: { lib: done, app: there } },
    "next",
  );
  expect(plan.moves).toEqual([{ package: "lib", registry, tag: "next", from: null, to: "1.1.0" }]);
  expect(plan.left).toEqual([{ package: "app", tag: "next", because: "already-there" }]);
});
