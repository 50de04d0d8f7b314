import { command } from "../command.ts";

export const releaseAbort = command({
  positionals: [],
  options: {
    otp: {
      type: "text",
      value: "CODE",
      env: ["NPM_CONFIG_OTP", "npm_config_otp"],
      summary: "the one-time password, for rejecting what is staged",
    },
    yes: { type: "boolean", short: "y", summary: "give it up without a question on a terminal" },
    json: { type: "boolean", summary: "print JSON" },
  },
  description: [
    "Gives up the release that was begun here, as long as none of its dist-tags has moved. Before its first upload nothing of it is left; after that its versions stay on the registry without a dist-tag, and are named. What waits for approval is rejected.",
  ],
  async run(context) {
    const { abortHere } = await import("../journeys/release-status.ts");
    return abortHere(context.options, context);
  },
});
