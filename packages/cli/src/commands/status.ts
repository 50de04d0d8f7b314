import { command } from "../command.ts";
import { names } from "../flags/selection.ts";
import { versioningChoices, versioningFlags } from "../flags/versioning.ts";

export const status = command({
  positionals: [],
  options: {
    json: { type: "boolean", summary: "print JSON" },
    verbose: { type: "boolean", summary: "every reason for each bump" },
    check: { type: "boolean", summary: "fail when a changed package has no changeset" },
    since: { type: "text", value: "REF", summary: "only the changesets added since then" },
    output: { type: "text", short: "o", value: "FILE", summary: "also write the JSON to a file" },
    "allow-author": {
      type: "text",
      value: "NAMES",
      many: true,
      summary: "authors, such as bots, whose changes need no changeset",
    },
    ...versioningFlags,
  },
  examples: [
    { line: "slipway status", does: "what is pending, and the versions it would give" },
    { line: "slipway status --check", does: "in CI: does this branch tell what it changes?" },
  ],
  async run(context) {
    const { showStatus } = await import("../journeys/status.ts");
    const { options } = context;
    const flags = { ...options, "allow-author": names(options["allow-author"]) };
    return showStatus(flags, versioningChoices(options), context);
  },
});
