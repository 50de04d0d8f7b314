import fc from "fast-check";

/** A repository, and what happens to it until each `version`. */
export interface Scenario {
  readonly generation: 2 | 3;
  readonly files: Readonly<Record<string, string>>;
  readonly rounds: readonly Round[];
}

export interface Round {
  readonly files: Readonly<Record<string, string>>;
  readonly snapshot: { readonly tag: string | null } | null;
}

/** Stands for the text of `.changeset/pre.json` after `pre exit`. */
export const LEAVE_PRE_MODE = "(pre exit)";

const NAMES = ["@s/alpha", "@s/beta", "gamma", "delta", "@t/epsilon", "zeta"] as const;
const FIELDS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;
const BUMPS = ["patch", "minor", "major", "none"] as const;

/** Mostly what repositories have, and some of what they should not have. */
export function scenarioArbitrary(generation: 2 | 3, changelogs = false): fc.Arbitrary<Scenario> {
  return fc
    .integer({ min: 2, max: NAMES.length })
    .chain((count) => {
      const names = NAMES.slice(0, count);
      return fc.record({
        packages: fc.tuple(...names.map((name) => packageArbitrary(name, names))),
        config: configArbitrary(names, generation).map((config) =>
          changelogs ? withChangelogs(config) : config,
        ),
        rounds: roundsArbitrary(names, generation),
        root: fc.option(dependenciesArbitrary("//", names), { nil: {} }),
      });
    })
    .map(({ packages, config, rounds, root }) => {
      const versions = new Map(packages.map((each) => [each.name, each.version ?? "0.0.0"]));
      const files: Record<string, string> = {
        "package.json": json({
          name: "root",
          private: true,
          workspaces: ["packages/*"],
          ...ranges(root, versions),
        }),
        "yarn.lock": "",
        ".changeset/config.json": json(config),
      };
      for (const { dependencies, ...manifest } of packages)
        files[`${dirOf(manifest.name)}/package.json`] = json({
          ...manifest,
          ...ranges(dependencies, versions),
        });
      return { generation, files, rounds };
    });
}

function packageArbitrary(name: string, names: readonly string[]) {
  const version = fc.constantFrom(
    "1.0.0",
    "0.1.2",
    "0.0.3",
    "2.3.4",
    "1.2.0",
    "1.0.0-beta.1",
    "1.1.0-next.0",
  );
  return fc.record(
    {
      name: fc.constant(name),
      version: version.chain((each) =>
        fc.oneof(
          { weight: 12, arbitrary: fc.constant(each) },
          { weight: 1, arbitrary: fc.constant(undefined) },
        ),
      ),
      private: fc.oneof(
        { weight: 6, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
      dependencies: dependenciesArbitrary(name, names),
    },
    { requiredKeys: ["name", "version", "private", "dependencies"] },
  );
}

/** By field and name, how the range is derived from the version of that package. */
type Declared = Readonly<Partial<Record<(typeof FIELDS)[number], Readonly<Record<string, string>>>>>;

function dependenciesArbitrary(name: string, names: readonly string[]): fc.Arbitrary<Declared> {
  const others = names.filter((each) => each !== name);
  const range = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.constantFrom(
        "^V",
        "^V",
        "~V",
        "V",
        "workspace:^",
        "workspace:~",
        "workspace:*",
        "workspace:^V",
      ),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        "*",
        ">=V",
        ">=V <9.0.0",
        "<9.0.0 >=V",
        ">0.0.0",
        "<=V",
        "^V || ^9.0.0",
        "workspace:V",
        "workspace:PATH",
        "1.x",
        "V - 9.0.0",
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "^7.0.0",
        "latest",
        "catalog:",
        "catalog:old",
        "npm:other@^V",
        "link:../PATH",
        "file:../PATH",
        "github:a/b",
        "",
      ),
    },
  );
  const one = fc.dictionary(fc.constantFrom(...others), range, { maxKeys: 2, noNullPrototype: true });
  return fc.record(Object.fromEntries(FIELDS.map((field) => [field, one])), { requiredKeys: [] });
}

function configArbitrary(names: readonly string[], generation: 2 | 3): fc.Arbitrary<Record<string, unknown>> {
  const glob = fc.constantFrom(...names, "@s/*", "*", "@*/*", "!gamma", "g*");
  const groups = fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    {
      weight: 2,
      arbitrary: fc.array(fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }), {
        maxLength: 2,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.array(fc.uniqueArray(glob, { minLength: 1, maxLength: 3 }), { maxLength: 1 }),
    },
  );
  const privates = fc.oneof(
    fc.constant(false),
    fc.record({ version: fc.boolean(), tag: fc.boolean() }, { requiredKeys: [] }),
  );
  return fc.record(
    {
      changelog: fc.constant(false),
      [generation === 2 ? "prettier" : "format"]: fc.constant(false),
      fixed: groups,
      linked: groups,
      ignore: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.uniqueArray(glob, { maxLength: 2 }) },
      ),
      updateInternalDependencies: optional(fc.constantFrom("patch", "minor")),
      privatePackages: optional(privates),
      bumpVersionsWithWorkspaceProtocolOnly: optional(fc.boolean()),
      snapshot: optional(
        fc.record(
          {
            useCalculatedVersion: fc.boolean(),
            prereleaseTemplate: fc.constantFrom("{tag}-{datetime}", "x-{tag}", "{tag}"),
          },
          { requiredKeys: [] },
        ),
      ),
      ___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH: optional(
        fc.record(
          {
            onlyUpdatePeerDependentsWhenOutOfRange: fc.boolean(),
            updateInternalDependents: fc.constantFrom("always", "out-of-range"),
          },
          { requiredKeys: [] },
        ),
      ),
    },
    { noNullPrototype: true },
  ) as fc.Arbitrary<Record<string, unknown>>;
}

/** Generation 2 then formats them with the prettier that it brings. */
function withChangelogs(config: Record<string, unknown>): Record<string, unknown> {
  const others = Object.entries(config).filter(([key]) => key !== "prettier");
  return { ...Object.fromEntries(others), changelog: "@changesets/cli/changelog" };
}

/** Plain releases, snapshots, or a time of prereleases: entered, versioned some times, left. */
function roundsArbitrary(names: readonly string[], generation: 2 | 3): fc.Arbitrary<readonly Round[]> {
  const changesets = (round: number) =>
    fc
      .array(changesetArbitrary(names), { minLength: 0, maxLength: 4 })
      .map((texts) =>
        Object.fromEntries(texts.map((text, at) => [`.changeset/round-${round}-${at}.md`, text])),
      );
  const pre = (mode: "pre" | "exit", tag: string) => ({
    ".changeset/pre.json": json(
      generation === 2 ? { mode, tag, initialVersions: {}, changesets: [] } : { mode, tag },
    ),
  });
  const plain = fc.tuple(changesets(0), changesets(1)).map(([first, second]) => [
    { files: first, snapshot: null },
    { files: second, snapshot: null },
  ]);
  const snapshot = fc
    .record({ files: changesets(0), tag: fc.constantFrom("canary", null) })
    .map(({ files, tag }) => [{ files, snapshot: { tag } }]);
  const prereleases = fc
    .tuple(changesets(0), changesets(1), changesets(2), fc.constantFrom("next", "beta"))
    .map(([first, second, third, tag]) => [
      { files: { ...first, ...pre("pre", tag) }, snapshot: null },
      { files: second, snapshot: null },
      { files: { ...third, ".changeset/pre.json": LEAVE_PRE_MODE }, snapshot: null },
    ]);
  return fc.oneof(
    { weight: 3, arbitrary: plain },
    { weight: 1, arbitrary: snapshot },
    { weight: 2, arbitrary: prereleases },
  );
}

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 3 });
}

function changesetArbitrary(names: readonly string[]): fc.Arbitrary<string> {
  return fc
    .record({
      releases: fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...BUMPS), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
      summary: fc.constantFrom("One line", "First line\n\n- and a list\n- of two", "", "`code` and *more*"),
    })
    .map(({ releases, summary }) => {
      const lines = Object.entries(releases).map(([name, bump]) => `"${name}": ${bump}\n`);
      return `---\n${lines.join("")}---\n\n${summary}\n`;
    });
}

function ranges(declared: Declared, versions: ReadonlyMap<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(declared).map(([field, entries]) => [
      field,
      Object.fromEntries(
        Object.entries(entries).map(([name, range]) => [
          name,
          range.replaceAll("V", versions.get(name) ?? "0.0.0").replaceAll("PATH", dirOf(name)),
        ]),
      ),
    ]),
  );
}

function dirOf(name: string): string {
  return `packages/${name.replace(/^@\w+\//, "")}`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
