import { command } from "../command.ts";
import { changeFlags, selectionFlags, sourceFlags } from "../flags/selection.ts";

export const graph = command({
  positionals: [
    {
      name: "TASK",
      summary: "show these tasks and what they need, instead of packages",
      optional: true,
      many: true,
    },
  ],
  options: {
    json: { type: "boolean", summary: "print JSON" },
    dot: { type: "boolean", summary: "print Graphviz DOT" },
    open: {
      type: "boolean",
      summary: "show a page in the browser: search, filter, what is affected and why",
    },
    html: { type: "text", value: "FILE", summary: "write that page to FILE" },
    ...selectionFlags,
    ...changeFlags,
    ...sourceFlags,
  },
  examples: [
    { line: "slipway graph", does: "every package and what it needs" },
    { line: "slipway graph build --dot | dot -Tsvg > build.svg", does: "a picture of what a build does" },
  ],
  async run(context) {
    const { showGraph } = await import("../journeys/show-graph.ts");
    return showGraph(context.positionals, context.options, context);
  },
});
