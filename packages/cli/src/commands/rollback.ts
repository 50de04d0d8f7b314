import { command } from "../command.ts";

export const rollback = command({
  positionals: [
    { name: "RELEASE", summary: "the id of a release; the last one when none is named", optional: true },
  ],
  options: {
    message: {
      type: "text",
      value: "TEXT",
      default: "rolled back by its maintainers",
      summary: "what npm shows to whoever installs one of the versions all the same",
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
    "Moves the dist-tags back to where they stood before the release, dependents first, and deprecates its versions. Nothing is unpublished. A tag that somebody moved since is left where it is. Needs a credential that may move dist-tags and deprecate. Running it again is safe.",
  ],
  examples: [{ line: "slipway rollback --dry-run", does: "what would be moved back" }],
  async run(context) {
    const { rollbackHere } = await import("../journeys/release-changes.ts");
    return rollbackHere(context.positionals[0] ?? null, context.options, context);
  },
});
