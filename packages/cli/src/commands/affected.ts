import { command } from "../command.ts";
import { changeFlags, sourceFlags } from "../flags/selection.ts";

export const affected = command({
  positionals: [],
  options: {
    json: { type: "boolean", summary: "print JSON" },
    task: {
      type: "text",
      short: "t",
      value: "TASK",
      many: true,
      summary: "also which tasks of this name the change reaches",
    },
    ...changeFlags,
    ...sourceFlags,
  },
  description: [
    "The base is --base, else NX_BASE or TURBO_SCM_BASE, else what CI says about the pull request, merge queue or push,",
    "else the base branch. It is compared at the common ancestor, so what others merged meanwhile does not count.",
  ],
  examples: [
    { line: "slipway affected", does: "what the work tree changes since the base branch" },
    {
      line: "slipway affected --base v1.2.0 --head v1.3.0 --json",
      does: "what lies between two tags, for machines",
    },
  ],
  async run(context) {
    const { loadForTasks } = await import("../wire/load-for-tasks.ts");
    const { showAffected } = await import("../journeys/show-affected.ts");
    const { options } = context;
    const loaded = loadForTasks(context, options["tasks-from"]);
    return showAffected(loaded, { ...options, tasks: options.task }, context);
  },
});
