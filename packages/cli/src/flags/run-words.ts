import type { CommandWords, Options } from "../command.ts";
import { carryingOutFlags } from "./run.ts";
import { peerFlags } from "./peers.ts";
import { changeFlags, selectionFlags, sourceFlags } from "./selection.ts";

/** Flags that only `run` has: what its plan is, and what is done with it. */
const ownFlags = {
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
} as const satisfies Options;

type RunOptions = typeof selectionFlags &
  typeof changeFlags &
  typeof ownFlags &
  typeof carryingOutFlags &
  typeof sourceFlags &
  typeof peerFlags;

/** What `slipway run` takes: all of the command but what it does. */
export const runWords: CommandWords<RunOptions> = {
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
    ...ownFlags,
    ...carryingOutFlags,
    ...sourceFlags,
    ...peerFlags,
  },
};
