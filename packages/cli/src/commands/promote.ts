import { command } from "../command.ts";

export const promote = command({
  positionals: [
    { name: "RELEASE", summary: "the id of a release; the last one when none is named", optional: true },
  ],
  options: {
    to: {
      type: "text",
      value: "TAG",
      summary:
        "the dist-tag that is set on all of its versions; when not said, the next channel, or `latest` without channels",
    },
    force: { type: "boolean", summary: "go on to the next channel whatever its soak time and checks say" },
    otp: {
      type: "text",
      value: "CODE",
      env: ["NPM_CONFIG_OTP", "npm_config_otp"],
      summary: "the one-time password; asked for on a terminal",
    },
    yes: { type: "boolean", short: "y", summary: "approve of the plan: needed where nobody can be asked" },
    "dry-run": { type: "boolean", summary: "show what would be changed, and stop" },
    json: { type: "boolean", summary: "print JSON" },
  },
  description: [
    "With `release.channels` in slipway.json and without `--to`, takes the release to its next channel once its soak time is over and its checks are well, or back when one is not.",
    "Sets a dist-tag on every version that a release published, dependencies first: from a canary to `next`, from `next` to `latest`. Needs a credential that may move dist-tags. Running it again is safe.",
  ],
  examples: [{ line: "slipway promote --to latest", does: "what was released last becomes what users get" }],
  async run(context) {
    const { promoteHere } = await import("../journeys/release-changes.ts");
    return promoteHere(context.positionals[0] ?? null, context.options, context);
  },
});
