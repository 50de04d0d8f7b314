import { command } from "../command.ts";
import { changeFlags, selectionFlags, sourceFlags, sourceOf } from "../flags/selection.ts";

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
    ...selectionFlags,
    ...changeFlags,
    ...sourceFlags,
  },
  examples: [
    { line: "slipway graph", does: "every package and what it needs" },
    { line: "slipway graph build --dot | dot -Tsvg > build.svg", does: "a picture of what a build does" },
  ],
  async run(context) {
    const { loadWorkspace } = await import("../wire/load-workspace.ts");
    const { choosePackages } = await import("../journeys/choose-packages.ts");
    const { planTasks } = await import("../journeys/plan-tasks.ts");
    const { options, positionals } = context;
    const loaded = loadWorkspace(context.cwd, sourceOf(options["tasks-from"]));
    const chosen = await choosePackages(loaded, options, context);
    const { graphOf, graphText, graphDot } = await import("../report/graph.ts");
    const tasks =
      positionals.length === 0
        ? null
        : planTasks(loaded, { tasks: positionals, packages: chosen.packages }, context).tasks;
    const value = graphOf(loaded.workspace, {
      chosen: chosen.packages?.map((each) => each.name) ?? null,
      tasks,
    });
    if (options.json) context.answer(JSON.stringify(value, null, 2));
    else context.answer(options.dot ? graphDot(value) : graphText(value));
    return 0;
  },
});
