import { command } from "../command.ts";
import { versioningChoices, versioningFlags } from "../flags/versioning.ts";

export const versionPr = command({
  positionals: [],
  options: {
    prepare: {
      type: "text",
      value: "FILE",
      summary: "only write the plan there, for a job with a token and without the repository's code",
    },
    from: {
      type: "text",
      value: "FILE",
      summary: "take the plan that --prepare wrote; no file: nothing is pending",
    },
    base: { type: "text", value: "BRANCH", summary: "what to merge into; else the branch that CI builds" },
    title: { type: "text", value: "TEXT", default: "Version Packages", summary: "title and commit message" },
    plan: { type: "boolean", summary: "print the text, and ask nothing of the forge" },
    json: { type: "boolean", summary: "print JSON" },
    ...versioningFlags,
  },
  description: [
    "Opens the version pull request, or brings it up to date: the files of `slipway version` as one commit on changeset-release/BASE, and the text with what would be released. It goes through the API of GitHub (GITHUB_TOKEN) or GitLab (GITLAB_TOKEN); the work tree stays as it is, and nothing is pushed by git.",
  ],
  examples: [
    { line: "slipway version-pr", does: "plan, and open or update it" },
    { line: "slipway version-pr --prepare plan.json", does: "in the job that runs the repository's code" },
    { line: "slipway version-pr --from plan.json", does: "in the job that may write" },
  ],
  async run(context) {
    const { versionPr: open } = await import("../journeys/version-pr.ts");
    const { options, env } = context;
    return open(options, { env, nowMs: Date.now(), ...versioningChoices(options) }, context);
  },
});
