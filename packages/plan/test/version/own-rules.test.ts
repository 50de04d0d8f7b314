import { defaultSettings, guardBranch, maintenanceBranch, planVersions } from "@slipway/plan";
import type { Bump, Generation, OwnRules, VersionInput } from "@slipway/plan";
import { describe, expect, test } from "vitest";

interface Given {
  readonly generation?: Generation;
  /** `name@version` with its dependencies: `dep@range`, `peer:dep@range`. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** One list of `name:bump` a changeset. */
  readonly changesets: readonly (readonly string[])[];
  readonly rules?: OwnRules;
  readonly more?: Partial<VersionInput>;
}

function inputOf({ generation = 3, packages, changesets, rules = {}, more = {} }: Given): VersionInput {
  return {
    generation,
    settings: { ...defaultSettings(generation), ...more.settings },
    changesets: changesets.map((releases, at) => ({
      id: `change-${at}`,
      summary: "A change",
      releases: releases.map((text) => {
        const [name = "", type] = text.split(":");
        return { name, type: type as Bump };
      }),
    })),
    preState: null,
    packages: Object.entries(packages).map(([id, dependencies]) => packageOf(id, dependencies)),
    root: null,
    snapshot: null,
    catalogs: null,
    rules,
    ...more,
  };
}

function packageOf(id: string, dependencies: readonly string[]): VersionInput["packages"][number] {
  const [name = "", version] = id.split("@");
  const field = (peer: boolean) =>
    Object.fromEntries(
      dependencies
        .filter((text) => text.startsWith("peer:") === peer)
        .map((text) => {
          const [, key = "", range = ""] = /^(?:peer:)?(\w+)@(.+)$/.exec(text) ?? [];
          return [key, range];
        }),
    );
  const manifest = { name, version, dependencies: field(false), peerDependencies: field(true) };
  return { name, dir: `packages/${name}`, manifest };
}

/** `a 1.1.0` for each release. */
async function released(given: Given): Promise<readonly string[]> {
  const { bumps } = await planVersions(inputOf(given));
  return bumps.map(({ package: name, to }) => `${name} ${to}`).toSorted();
}

describe("a rule for a peer dependency", () => {
  const packages = { "react@1.0.0": [], "ui@1.0.0": ["peer:react@^1.0.0"], "app@1.0.0": ["ui@^1.0.0"] };

  test.each([
    ["match", "minor", ["react 1.1.0", "ui 1.1.0"]],
    ["match", "patch", ["react 1.0.1"]],
    ["match", "major", ["app 1.0.1", "react 2.0.0", "ui 2.0.0"]],
    ["patch", "minor", ["react 1.1.0", "ui 1.0.1"]],
    ["minor", "major", ["react 2.0.0", "ui 1.1.0"]],
    ["major", "minor", ["app 1.0.1", "react 1.1.0", "ui 2.0.0"]],
    ["out-of-range", "minor", ["react 1.1.0"]],
  ] as const)("%s, at a %s of the peer: %j, in both generations", async (rule, bump, expected) => {
    const given = { packages, changesets: [[`react:${bump}`]], rules: { peers: { "re*": rule } } };
    expect(await released({ ...given, generation: 2 })).toEqual(expected);
    expect(await released({ ...given, generation: 3 })).toEqual(expected);
  });

  test("out-of-range keeps each generation's own bump once the range is left", async () => {
    const given = {
      packages,
      changesets: [["react:major"]],
      rules: { peers: { react: "out-of-range" } },
    } as const;
    expect(await released({ ...given, generation: 2 })).toEqual(["app 1.0.1", "react 2.0.0", "ui 2.0.0"]);
    expect(await released({ ...given, generation: 3 })).toEqual(["react 2.0.0", "ui 1.0.1"]);
  });

  test("the reason says which peer it was", async () => {
    const rules: OwnRules = { peers: { react: { bump: "minor", when: "out-of-range" } } };
    const { bumps } = await planVersions(inputOf({ packages, changesets: [["react:major"]], rules }));
    expect(bumps.find((bump) => bump.package === "ui")).toMatchObject({
      to: "1.1.0",
      because: [{ kind: "dependency", dependency: "react", rule: "out-of-range" }],
    });
  });

  test("prereleases of generation 2 keep what the rule gave them before", async () => {
    const preState = {
      mode: "pre",
      tag: "next",
      initialVersions: { react: "1.0.0", ui: "1.0.0", app: "1.0.0" },
    } as const;
    const first = await planVersions(
      inputOf({
        generation: 2,
        packages,
        changesets: [["react:minor"]],
        rules: { peers: { react: "match" } },
        more: { preState: { ...preState, changesets: [] } },
      }),
    );
    expect(first.bumps.map(({ package: name, to }) => `${name} ${to}`)).toEqual([
      "react 1.1.0-next.0",
      "ui 1.1.0-next.0",
      "app 1.0.1-next.0",
    ]);
    expect(first.preState?.changesets).toEqual(["change-0"]);
    const second = await released({
      generation: 2,
      packages: {
        "react@1.1.0-next.0": [],
        "ui@1.1.0-next.0": ["peer:react@^1.1.0-next.0"],
        "app@1.0.1-next.0": ["ui@^1.1.0-next.0"],
      },
      changesets: [["react:minor"], ["ui:patch"]],
      rules: { peers: { react: "match" } },
      more: { preState: { ...preState, changesets: ["change-0"] } },
    });
    expect(second).toEqual(["ui 1.1.0-next.1"]);
  });
});

describe("a package on a channel", () => {
  const packages = { "core@1.2.0": [], "web@1.0.0": ["core@^1.2.0"], "cli@1.0.0": ["core@^1.2.0"] };

  test.each([
    ["1.2.0", "minor", "1.3.0-beta.0"],
    ["1.3.0-beta.0", "patch", "1.3.0-beta.1"],
    ["1.3.0-beta.4", "minor", "1.3.0-beta.5"],
    ["1.3.0-beta.4", "major", "2.0.0-beta.0"],
    ["1.3.0-alpha.4", "patch", "1.3.0-beta.0"],
  ])("goes from %s by a %s to %s", async (from, bump, to) => {
    const rules = { channels: { core: "beta" } };
    expect(
      await released({ packages: { [`core@${from}`]: [] }, changesets: [[`core:${bump}`]], rules }),
    ).toEqual([`core ${to}`]);
  });

  test("is followed by dependents on a channel, and by no others", async () => {
    const rules = { channels: { core: "beta", web: "beta" } };
    const decision = await planVersions(inputOf({ packages, changesets: [["core:major"]], rules }));
    expect(decision.bumps.map(({ package: name, to }) => `${name} ${to}`)).toEqual([
      "core 2.0.0-beta.0",
      "web 1.0.1-beta.0",
    ]);
    expect(decision.manifests.map(({ package: name }) => name)).toEqual(["core", "web"]);
  });

  test("is named when a release for everybody depends on it", async () => {
    const decision = await planVersions(
      inputOf({
        packages,
        changesets: [["core:minor"], ["cli:patch"]],
        rules: { channels: { core: "beta" } },
      }),
    );
    expect(decision.manifests.find(({ package: name }) => name === "cli")?.changes).toEqual([
      { keys: ["version"], from: "1.0.0", value: "1.0.1" },
    ]);
    expect(decision.left.map(({ message }) => message)).toEqual([
      'cli is released, but core, which it depends on, is on the channel "beta": its users get a core that fits ^1.2.0',
    ]);
  });

  test("can't be one of a group that shares its versions, nor stand beside pre mode", async () => {
    const rules = { channels: { core: "beta" } };
    const settings = { ...defaultSettings(3), fixed: [["core", "web"]] };
    const given = { packages, changesets: [["core:minor"]], rules };
    await expect(planVersions(inputOf({ ...given, more: { settings } }))).rejects.toThrow("parts a group");
    await expect(
      planVersions(inputOf({ ...given, more: { preState: { mode: "pre", tag: "next" } } })),
    ).rejects.toThrow("pre mode");
  });
});

describe("only some packages", () => {
  const packages = { "core@1.0.0": [], "web@1.0.0": ["core@^1.0.0"], "docs@1.0.0": [] };

  test("are released, and the rest of their changesets stays", async () => {
    const decision = await planVersions(
      inputOf({
        packages,
        changesets: [["core:minor", "docs:patch"], ["docs:major"]],
        rules: { only: ["core"] },
      }),
    );
    expect(decision.bumps.map((bump) => bump.package)).toEqual(["core"]);
    expect(decision.changesets).toEqual([
      { id: "change-0", fate: "keep-rest", rest: [{ name: "docs", type: "patch" }] },
    ]);
  });

  test.each([
    {
      without: "one that would have to follow",
      changesets: [["core:major"]],
      only: ["core"],
      message: "web would have to follow",
      hint: "--only core,web",
    },
    {
      without: "one that has what they need",
      changesets: [["core:minor"], ["web:minor"]],
      only: ["web"],
      message: "web depends on core, which has changes that are not released",
      hint: "--only web,core",
    },
  ])("are refused without $without", async ({ changesets, only, message, hint }) => {
    const refused = planVersions(inputOf({ packages, changesets, rules: { only } }));
    await expect(refused).rejects.toMatchObject({
      problems: [{ code: "version/not-closed", message, hint }],
    });
  });
});

test("a first release keeps its version, and nobody has to follow", async () => {
  const packages = { "core@1.0.0": [], "web@1.0.0": ["core@workspace:*"] };
  const decision = await planVersions(
    inputOf({ packages, changesets: [["core:major"]], rules: { firstReleases: ["core"] } }),
  );
  expect(decision.bumps).toMatchObject([
    { package: "core", from: "1.0.0", to: "1.0.0", because: [{}, { kind: "first-release" }] },
  ]);
  expect(decision.notes.map(({ package: name, version }) => `${name} ${version}`)).toEqual(["core 1.0.0"]);
});

describe("an alias", () => {
  test.each([
    ["that the workspace's version fits follows it", "npm:core@^1.0.0", "npm:core@^2.0.0"],
    ["for an older release stays", "npm:core@^0.9.0", undefined],
  ])("%s", async (_, old, expected) => {
    const packages = { "core@1.0.0": [], "web@1.0.0": [`ancient@${old}`] };
    const { manifests } = await planVersions(
      inputOf({ packages, changesets: [["core:major"], ["web:patch"]], more: { catalogs: {} } }),
    );
    const changed = manifests.find(({ package: name }) => name === "web")?.changes ?? [];
    expect(changed.find(({ keys }) => keys[1] === "ancient")?.value).toBe(expected);
  });

  test("leads nowhere where that is switched off", async () => {
    const packages = { "core@1.0.0": [], "web@1.0.0": ["ancient@npm:core@^1.0.0"] };
    expect(
      await released({ packages, changesets: [["core:major"]], more: { catalogs: {}, aliases: false } }),
    ).toEqual(["core 2.0.0"]);
  });
});

describe("a maintenance branch", () => {
  const bump = (from: string, to: string, type: Bump) => [
    { package: "core", from, to, bump: type, because: [] },
  ];

  test.each([
    ["1.x", "1.x", "release-1.x"],
    ["v1.2.x", "1.2.x", "release-1.2.x"],
    ["release/2.x", "2.x", "release-2.x"],
  ])("%s is one by its name, for %s", (branch, range, distTag) => {
    expect(maintenanceBranch(branch, {}, "main")).toEqual({ branch, range, maxBump: null, distTag });
  });

  test.each([["main"], ["renovate/react-18.x"], ["1.x-experiment"]])("%s is none", (branch) => {
    expect(maintenanceBranch(branch, {}, "main")).toBeNull();
  });

  test("is none where it is the base branch, or said to be none", () => {
    expect(maintenanceBranch("4.x", {}, "4.x")).toBeNull();
    expect(maintenanceBranch("4.x", { "*.x": false }, "main")).toBeNull();
  });

  test("lets nobody out of its range, whoever is in it", () => {
    const rules = maintenanceBranch("1.x", {}, "main");
    expect(() => guardBranch(bump("1.4.0", "1.5.0", "minor"), rules)).not.toThrow();
    expect(() => guardBranch(bump("3.4.0", "4.0.0", "major"), rules)).not.toThrow();
    expect(() => guardBranch(bump("1.4.0", "2.0.0", "major"), rules)).toThrow(
      "the branch 1.x releases 1.x only",
    );
    expect(() => guardBranch(bump("1.4.0", "2.0.0-next.0", "major"), rules)).toThrow("1.x only");
  });

  test("caps the bump of everybody, where that is set", () => {
    const rules = maintenanceBranch("stable", { stable: { maxBump: "patch" } }, "main");
    expect(rules).toEqual({ branch: "stable", range: null, maxBump: "patch", distTag: "release-stable" });
    expect(() => guardBranch(bump("3.4.0", "3.5.0", "minor"), rules)).toThrow("at most a patch");
  });
});
