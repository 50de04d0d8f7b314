import { UserError } from "@slipway/kernel";
import { command } from "../command.ts";
import { names } from "../flags/selection.ts";
import { versioningChoices, versioningFlags } from "../flags/versioning.ts";

export const version = command({
  positionals: [{ name: "TAG", summary: "the word of a snapshot, after --snapshot", optional: true }],
  options: {
    plan: { type: "boolean", summary: "print the plan and write nothing" },
    json: { type: "boolean", summary: "print the plan as JSON" },
    snapshot: {
      type: "text",
      value: "TAG",
      bare: "",
      summary: "versions for trying out, such as 0.0.0-canary-20260102030405",
    },
    "snapshot-prerelease-template": {
      type: "text",
      value: "TEMPLATE",
      summary: "the form of a snapshot's prerelease: {tag} {commit} {timestamp} {datetime}",
    },
    ignore: { type: "text", value: "NAMES", many: true, summary: "packages to leave out, with commas" },
    only: {
      type: "text",
      value: "NAMES",
      many: true,
      summary: "the only packages to give versions to, with commas; refused when others would have to follow",
    },
    notes: {
      type: "text",
      value: "FILE",
      summary: "also write the notes of the whole batch there, as Markdown",
    },
    "fail-if-none": { type: "boolean", summary: "end with status 1 when no changeset is pending" },
    strict: { type: "boolean", summary: "refuse what can only be planned in part" },
    discard: { type: "boolean", summary: "forget what an earlier run was cut off from writing" },
    verbose: { type: "boolean", summary: "every reason for each bump" },
    ...versioningFlags,
  },
  description: [
    "Takes the pending changesets: new versions and ranges in manifests, changelogs, and the changesets consumed, by the rules of Changesets. Nothing is committed, unless `commit` in .changeset/config.json says so.",
  ],
  examples: [
    { line: "slipway version --plan", does: "what would be released, and why" },
    { line: "slipway version --snapshot canary", does: "versions for a throw-away release" },
  ],
  async run(context) {
    const { writeVersions } = await import("../journeys/write-versions.ts");
    const { options, positionals, env } = context;
    const [word] = positionals;
    const { snapshot, ignore, only } = options;
    if (word !== undefined && snapshot !== "")
      throw new UserError("cli/bad-argument", `version does not know what to do with "${word}"`, {
        hint: "the word of a snapshot stands after --snapshot",
      });
    const template = options["snapshot-prerelease-template"];
    return writeVersions(
      options,
      {
        env,
        nowMs: Date.now(),
        strict: options.strict,
        ignore: names(ignore),
        only: names(only),
        ...(snapshot === undefined ? {} : { snapshot: { tag: word ?? (snapshot || null) } }),
        ...(template === undefined ? {} : { prereleaseTemplate: template }),
        ...versioningChoices(options),
      },
      context,
    );
  },
});
