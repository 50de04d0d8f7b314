import { command } from "../command.ts";

export const promote = command({
  positionals: [
    { name: "RELEASE", summary: "the id of a release; the last one when none is named", optional: true },
  ],
  options: {
    to: {
      type: "text",
      value: "TAG",
      default: "latest",
      summary: "the dist-tag that is set on all of its versions",
    },
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
    "Sets a dist-tag on every version that a release published, dependencies first: from a canary to `next`, from `next` to `latest`. Needs a credential that may move dist-tags. Running it again is safe.",
  ],
  examples: [{ line: "slipway promote --to latest", does: "what was released last becomes what users get" }],
  async run(context) {
    const { promoteHere } = await import("../journeys/release-changes.ts");
    return promoteHere(context.positionals[0] ?? null, context.options, context);
  },
});
