import type { SettingSchema } from "./check-value.ts";

const bump: SettingSchema = {
  description: "How much a version goes up.",
  enum: ["patch", "minor", "major"],
};

const peerBump: SettingSchema = {
  description: "What dependents get; `match`: what the peer dependency itself gets.",
  enum: ["patch", "minor", "major", "match"],
};

const peerRule: SettingSchema = {
  description: "When a release of this peer dependency gives its dependents a new version, and which.",
  anyOf: [
    {
      description:
        "`patch`, `minor`, `major` or `match`: at a minor or major release, and when the range is left. `out-of-range`: only when the range is left, and then as the generation has it (2: major, 3: patch).",
      enum: ["patch", "minor", "major", "match", "out-of-range"],
    },
    {
      description: "Both at once.",
      type: "object",
      additionalProperties: false,
      properties: {
        bump: peerBump,
        when: {
          description:
            "`minor`: at a minor or major release, and when the range is left. `out-of-range`: only when the range is left.",
          enum: ["minor", "out-of-range"],
          default: "minor",
        },
      },
    },
  ],
};

const branch: SettingSchema = {
  description: "What may be released from this branch.",
  anyOf: [
    { description: "False: the branch is no maintenance branch, whatever its name is.", enum: [false] },
    {
      description: "A maintenance branch.",
      type: "object",
      additionalProperties: false,
      properties: {
        range: {
          description:
            "No package that is inside of this range may leave it: `1.x` can't reach 2.0.0. Without it, what the branch's name says.",
          type: "string",
          examples: ["1.x", ">=1.2.0 <1.4.0"],
        },
        maxBump: { ...bump, description: "The largest bump that any package may get." },
        distTag: {
          description: "The dist-tag of what is released from here, never `latest`. Default: `release-NAME`.",
          type: "string",
          pattern: "^(?!latest$|v?\\d)[A-Za-z][\\w.-]*$",
          examples: ["release-1.x"],
        },
      },
    },
  ],
};

const changesets: SettingSchema = {
  description: "Where versioning differs from Changesets by choice. See docs/versioning.md.",
  type: "object",
  additionalProperties: false,
  properties: {
    generation: {
      description: "The rules of Changesets 2 or 3. Default: what the repository's own files say.",
      enum: [2, 3],
    },
    catalogEdges: {
      description: "Dependencies declared as `catalog:` lead to the packages that the catalog names.",
      type: "boolean",
      default: true,
    },
    aliasEdges: {
      description:
        "Aliases (`npm:NAME@RANGE`, `workspace:NAME@RANGE`) lead to the packages that they stand for. One whose range the workspace's own version does not fit is for an older release, and stays.",
      type: "boolean",
      default: true,
    },
    peers: {
      description:
        "Rules for peer dependencies, by name or glob of the dependency; the first that fits. Others go by the generation's rules.",
      type: "object",
      additionalProperties: peerRule,
      examples: [{ react: "match", "@acme/*": "out-of-range" }],
    },
    branches: {
      description:
        "Maintenance branches, by name or glob. `N.x` and `N.N.x` are such branches without being named here, unless one is the base branch.",
      type: "object",
      additionalProperties: branch,
      examples: [{ "1.x": { maxBump: "minor" } }],
    },
    channels: {
      description:
        "Packages that give prereleases while the others do not, with the word of their prereleases. `slipway pre enter TAG --package NAME` writes it.",
      type: "object",
      additionalProperties: {
        description: "The word of the prereleases, which is also their dist-tag.",
        type: "string",
        pattern: "^[0-9A-Za-z-]*[A-Za-z-][0-9A-Za-z-]*$",
        examples: ["beta"],
      },
      examples: [{ "@acme/web": "beta" }],
    },
    firstRelease: {
      description:
        "`as-is`: a package that was never released (no tag of it in git, and no changelog) is released with the version that its manifest has. `bump`: it is counted up first, as Changesets does.",
      enum: ["bump", "as-is"],
      default: "bump",
    },
    changelogDates: {
      description:
        "The day of a release (UTC) in changelogs: `below` the version, or in its `heading`, where changesets/action no longer finds the entry.",
      enum: [false, "below", "heading"],
      default: false,
    },
    generatorSeconds: {
      description:
        "Seconds that a changelog or commit generator of the repository's own may go without an answer before it is ended.",
      type: "number",
      exclusiveMinimum: 0,
      default: 120,
    },
    commitTypes: {
      description: "What `slipway change --from-commits` takes a type of conventional commits for.",
      type: "object",
      additionalProperties: { description: "Its bump.", enum: ["none", "patch", "minor", "major"] },
      default: { feat: "minor", fix: "patch", perf: "patch", revert: "patch" },
    },
    unreleasedFiles: {
      description:
        "Globs of files inside packages that users never get: a change of these alone proposes no changeset. Added to Slipway's own (tests, stories, documents).",
      type: "array",
      items: { description: "A glob, relative to the package.", type: "string" },
      examples: [["bench/**"]],
    },
  },
};

const health: SettingSchema = {
  description: "A check; anything but well takes the release back.",
  type: "object",
  additionalProperties: false,
  properties: {
    command: { description: "A command line that ends with 0, in the workspace.", type: "string" },
    url: { description: "An address that answers 2xx.", type: "string", pattern: "^https?://" },
    install: {
      description: "Every version can be installed by the channel's name, with an empty cache.",
      type: "boolean",
    },
  },
};

const channel: SettingSchema = {
  description: "One of them.",
  type: "object",
  additionalProperties: false,
  properties: {
    tag: { description: "The dist-tag.", type: "string", pattern: "^(?!v?\\d)[A-Za-z][\\w.-]*$" },
    soak: {
      description: "How long a release stays before it goes on: seconds, minutes, hours or days.",
      type: "string",
      pattern: "^\\d+[smhd]$",
      examples: ["30m", "12h", "2d"],
    },
    health: { description: "What has to be well then.", type: "array", items: health },
  },
};

const release: SettingSchema = {
  description: "How a batch is released. See docs/releasing.md.",
  type: "object",
  additionalProperties: false,
  properties: {
    tags: {
      description:
        "`together`: all git tags in one atomic push. `each`: one push a tag, for workflows that start on a tag's push.",
      enum: ["together", "each"],
      default: "together",
    },
    batchTag: {
      description:
        "One more tag for the whole batch, pushed alone after the others: forges drop the events of more than three tags.",
      type: "boolean",
      default: true,
    },
    mode: {
      description:
        "`tag`: all at once, by dist-tags. `stage`: npm's staged publishing, a person approves. `direct`: one after the other, under the final dist-tag. Default: as the credentials allow.",
      enum: ["tag", "stage", "direct"],
    },
    lock: {
      description: "A ref on `origin` keeps other machines from releasing at the same time.",
      type: "boolean",
      default: true,
    },
    approval: {
      description:
        "Which releases wait for somebody who approves of their plan, on a terminal or by `--approve DIGEST`. `major`: those with a new major version or a first one.",
      enum: ["never", "major", "always"],
      default: "never",
    },
    channels: {
      description:
        "The dist-tags that a release passes through, first to last. `slipway release --channel TAG` uploads to the first, `slipway promote` goes on to the next.",
      type: "array",
      items: channel,
      examples: [[{ tag: "canary", soak: "2h", health: [{ install: true }] }, { tag: "latest" }]],
    },
    warnOnly: {
      description: "Gates whose faults are told and stop no release: for what is meant to be as it is.",
      type: "array",
      items: {
        description: "One of them.",
        enum: ["publint", "exports-resolve", "clean-install", "entries-load", "bins-start"],
      },
      examples: [["clean-install"]],
    },
    forgeReleases: {
      description:
        "Releases on GitHub or GitLab, with the changelog's words. `per-package`: one a git tag. `batch`: one for the whole batch.",
      enum: ["per-package", "batch", "none"],
      default: "per-package",
    },
    forgeLatest: {
      description:
        "The package whose release GitHub marks as the latest. Default: the one that no other of the batch needs.",
      type: "string",
      examples: ["@acme/cli"],
    },
  },
};

/** slipway.json, whole: the reader checks against it, slipway.schema.json and docs/settings.md are made from it. */
export const slipwaySchema: SettingSchema = {
  description: "Settings of Slipway. All of them may be left out.",
  type: "object",
  additionalProperties: false,
  properties: {
    $schema: { description: "Where editors find this schema.", type: "string" },
    changesets,
    release,
  },
};
