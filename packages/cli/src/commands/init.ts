import { command } from "../command.ts";

export const init = command({
  positionals: [],
  options: {
    plan: { type: "boolean", summary: "say what would be written, and stop" },
    json: { type: "boolean", summary: "print JSON" },
  },
  description: [
    "Slipway needs no files of its own: this says what it has read, and writes only what releases need and what is not there, the .changeset folder. A file that exists is never changed.",
  ],
  async run(context) {
    const { initialise } = await import("../journeys/initialise.ts");
    return initialise(context.options, context);
  },
});
