import { command } from "../command.ts";
import { carryingOutFlags } from "../flags/run.ts";
import { peerFlags } from "../flags/peers.ts";
import { changeFlags, selectionFlags, sourceFlags } from "../flags/selection.ts";

export const run = command({
  positionals: [
    {
      name: "TASK",
      summary: "a task's name, or PACKAGE#TASK for one package; nx's PACKAGE:TASK works too",
      optional: true,
      many: true,
    },
  ],
  rest: true,
  options: {
    ...selectionFlags,
    ...changeFlags,
    "affected-by": {
      type: "text",
      value: "WHAT",
      choices: ["inputs", "packages"],
      default: "inputs",
      summary: "with --affected: tasks whose declared inputs changed, or all of packages that changed",
    },
    only: { type: "boolean", summary: "leave out what the tasks need" },
    configuration: {
      type: "text",
      short: "c",
      value: "NAME",
      summary: "the configuration of tasks that have it (nx)",
    },
    watch: {
      type: "boolean",
      summary: "afterwards run again, whenever inputs change, the tasks that they reach",
    },
    audit: {
      type: "boolean",
      summary: "run everything, one at a time, and name inputs and outputs that tasks do not declare",
    },
    plan: { type: "boolean", summary: "show what would run and why, and stop" },
    json: { type: "boolean", summary: "one JSON event a line; with --plan the plan as JSON" },
    summary: {
      type: "boolean",
      summary: "at the end: what took long, what missed and why, the longest chain",
    },
    last: { type: "boolean", summary: "show the last run of this work tree once more, and its summary" },
    trace: { type: "text", value: "FILE", summary: "write a trace for chrome://tracing or ui.perfetto.dev" },
    otlp: {
      type: "text",
      value: "URL",
      summary: "send the run to an OpenTelemetry collector (OTLP over HTTP, JSON)",
    },
    ...carryingOutFlags,
    ...sourceFlags,
    ...peerFlags,
  },
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
