import { command } from "../command.ts";

export const releaseResume = command({
  positionals: [],
  options: { json: { type: "boolean", summary: "one JSON event a line; the last one says how it ended" } },
  description: [
    "Goes on with the release that was begun in this repository and has not ended, from where its journal ends. `slipway release` does the same first, and then releases what is new.",
  ],
  async run(context) {
    const { resumeHere } = await import("../journeys/release-here.ts");
    return resumeHere(context.options, context);
  },
});
