import { command } from "../command.ts";

export const releaseStatus = command({
  positionals: [
    { name: "RELEASE", summary: "the id of a release; the last one when none is named", optional: true },
  ],
  options: { json: { type: "boolean", summary: "print JSON" } },
  description: ["Shows how far a release is: what is uploaded, confirmed and promoted. Changes nothing."],
  async run(context) {
    const { statusHere } = await import("../journeys/release-status.ts");
    return statusHere(context.positionals[0] ?? null, context.options, context);
  },
});
