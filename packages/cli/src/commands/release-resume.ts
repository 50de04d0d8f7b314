import { command } from "../command.ts";

export const releaseResume = command({
  positionals: [],
  options: {
    otp: {
      type: "text",
      value: "CODE",
      env: ["NPM_CONFIG_OTP", "npm_config_otp"],
      summary: "the one-time password, also for approving what is staged; asked for on a terminal",
    },
    yes: {
      type: "boolean",
      short: "y",
      hidden: true,
      summary: "nothing is asked here: it was approved when it began",
    },
    json: { type: "boolean", summary: "one JSON event a line; the last one says how it ended" },
  },
  description: [
    "Goes on with the release that was begun in this repository and has not ended, from where its journal ends. `slipway release` does the same first, and then releases what is new.",
    "Without a journal the registries tell what is left: whatever is uploaded or approved is confirmed and tagged, on any machine.",
  ],
  async run(context) {
    const { resumeHere } = await import("../journeys/release-here.ts");
    return resumeHere(context.options, context);
  },
});
