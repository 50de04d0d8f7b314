import { expect, test } from "vitest";
import {
  chooseMode,
  inMode,
  losesProvenance,
  planRelease,
  withProvenance,
  type ProvenancePolicy,
  type PublishedPackage,
  type ReleaseCandidate,
  type ReleaseInput,
} from "../../src/index.ts";

const registry = "https://registry.test/";
const offer = (token: boolean, identity: boolean) => ({ registry, token, identity });

test.each([
  [null, [offer(true, false)], "tag", "tokens"],
  [null, [offer(true, true)], "tag", "tokens"],
  [null, [offer(false, true)], "direct", "identity-alone"],
  [null, [offer(true, false), offer(false, true)], "direct", "identity-alone"],
  [null, [offer(false, false)], "tag", "tokens"],
  ["stage", [offer(false, true)], "stage", "asked"],
  ["tag", [offer(false, true)], "tag", "asked"],
] as const)("asked for %j with %j, the mode is %s, because of: %s", (...[asked, offers, mode, because]) => {
  expect(chooseMode(asked, offers)).toEqual({ mode, because });
});

const mark = { release: "0123456789ab", commit: "c1", plan: "digest", tag: "latest", from: "1.0.0" };

function view(manifest: Readonly<Record<string, unknown>>, version = "1.0.0"): PublishedPackage {
  return { distTags: { latest: version }, versions: { [version]: { integrity: "sha512-x", manifest } } };
}

function planned(more: Partial<ReleaseInput>, candidate: Partial<ReleaseCandidate> = {}) {
  const candidates = [
    {
      name: "@acme/kit",
      version: "1.1.0",
      dir: "packages/kit",
      private: false,
      tagOnly: false,
      ignored: false,
      access: null,
      registry,
      publishTag: null,
      needs: [],
      ...candidate,
    },
  ];
  return planRelease({
    commit: "c2",
    mode: "tag",
    channel: null,
    preTag: null,
    candidates,
    published: { [candidates[0]?.name ?? ""]: view({}) },
    gitTags: {},
    singlePackage: false,
    gates: [],
    ...more,
  });
}

test("in a mode without batch tag, what is marked and not tagged in git is still under way", () => {
  const published = { "@acme/kit": view({ slipway: mark }, "1.1.0") };
  expect(planned({ mode: "direct", published }).packages).toMatchObject([
    { state: "uploaded", batchTags: [] },
  ]);
  expect(planned({ mode: "tag", published }).packages).toEqual([]);
  const gitTags = { "@acme/kit@1.1.0": "c1" };
  expect(planned({ mode: "direct", published, gitTags }).packages).toEqual([]);
});

test("a sealed plan goes out in the mode of the job that publishes it, and back", () => {
  const plan = planned({});
  const direct = inMode(plan, { mode: "direct", because: "identity-alone" });
  expect(direct).toMatchObject({
    id: plan.id,
    mode: "direct",
    batchTag: null,
    packages: [{ batchTags: [] }],
  });
  expect(inMode(direct, { mode: "tag", because: plan.modeBecause })).toEqual(plan);
});

const canSign: ProvenancePolicy = { asked: null, canSign: true, automatic: () => false };
const attested = view({ dist: { attestations: { provenance: { predicateType: "slsa" } } } });

test.each<[string, Partial<ReleaseCandidate>, ProvenancePolicy, boolean]>([
  ["nothing is said", {}, canSign, false],
  ["publishConfig wants it", { provenance: true }, canSign, true],
  ["publishConfig wants it and nobody can sign", { provenance: true }, { ...canSign, canSign: false }, false],
  ["the command does not want it", { provenance: true }, { ...canSign, asked: false }, false],
  ["the command wants it", {}, { ...canSign, asked: true }, true],
  [
    "the registry takes it unasked, of a public package",
    { access: "public" },
    { ...canSign, automatic: () => true },
    true,
  ],
  ["of a package without a scope", { name: "kit" }, { ...canSign, automatic: () => true }, true],
  ["but not of one that may be private", {}, { ...canSign, automatic: () => true }, false],
  [
    "and not where publishConfig says no",
    { access: "public", provenance: false },
    { ...canSign, automatic: () => true },
    false,
  ],
])("provenance: %s", (...[, candidate, provenance, signed]) => {
  expect(planned({ provenance }, candidate).packages[0]?.provenance.signed).toBe(signed);
});

test("a package that had provenance and would lose it is named, until it is signed", () => {
  const plan = planned({ published: { "@acme/kit": attested } });
  expect(losesProvenance(plan).map(({ name }) => name)).toEqual(["@acme/kit"]);
  const signed = withProvenance(plan, { ...canSign, automatic: () => true });
  expect(signed.packages[0]?.provenance).toEqual({ configured: null, had: true, signed: true });
  expect(losesProvenance(signed)).toEqual([]);
});
