import { command } from "../command.ts";
import { names } from "../flags/selection.ts";

const BUMPS = ["patch", "minor", "major", "none"] as const;

export const change = command({
  positionals: [],
  options: {
    package: {
      type: "text",
      short: "p",
      value: "NAME",
      many: true,
      summary: "a package that this change is about, or NAME:BUMP; with commas for several",
    },
    bump: {
      type: "text",
      short: "b",
      value: "BUMP",
      choices: BUMPS,
      summary: "how much it changes for users",
    },
    message: { type: "text", short: "m", value: "TEXT", summary: "what changed, in words for users" },
    "from-commits": {
      type: "boolean",
      summary: "write changesets for what conventional commits tell, since the base or the last release",
    },
    empty: { type: "boolean", summary: "a changeset that says: this change needs no release" },
    open: { type: "boolean", summary: "open the file in VISUAL or EDITOR afterwards" },
    base: { type: "text", value: "REF", summary: "what the branch is compared with to propose packages" },
  },
  description: [
    "Writes a changeset: which packages a change is about, how much it changes them, and words for their users. On a terminal it asks for what the flags leave open, and proposes the packages that the branch changed.",
  ],
  examples: [
    { line: "slipway change", does: "ask" },
    {
      line: 'slipway change --package web --bump minor --message "Dark mode"',
      does: "write without asking",
    },
    { line: "slipway change --from-commits", does: "feat: a minor, fix: a patch, feat!: a major" },
  ],
  async run(context) {
    const { addChange } = await import("../journeys/change.ts");
    const { options } = context;
    const bump = BUMPS.find((each) => each === options.bump);
    const { message, empty, open, base } = options;
    if (options["from-commits"]) {
      const { addFromCommits } = await import("../journeys/change-from-commits.ts");
      return addFromCommits({ open, base }, context);
    }
    return addChange({ packages: names(options.package), bump, message, empty, open, base }, context);
  },
});
