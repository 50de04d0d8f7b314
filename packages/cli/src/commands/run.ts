import { command } from "../command.ts";
import { runWords } from "../flags/run-words.ts";

export const run = command({
  ...runWords,
  examples: [
    {
      line: "slipway run build",
      does: "build every package, what it needs first, from the cache where nothing changed",
    },
    { line: "slipway run build test --affected", does: "only what the changes of this branch can reach" },
    { line: "slipway run build --filter web...", does: "web and all that it needs" },
    { line: "slipway run test --filter web -- --watch", does: "--watch goes to the test scripts" },
    { line: "slipway run build --plan", does: "what would run, and why" },
  ],
  async run(context) {
    const { runTasks } = await import("../journeys/run-tasks.ts");
    return runTasks(context);
  },
});
