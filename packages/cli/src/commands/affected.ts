import { command } from "../command.ts";
import { changeFlags, names, sourceFlags } from "../flags/selection.ts";

export const affected = command({
  positionals: [
    {
      name: "TASK",
      summary: "also which tasks of these names the change reaches",
      optional: true,
      many: true,
    },
  ],
  options: {
    json: { type: "boolean", summary: "print JSON" },
    targets: {
      type: "text",
      short: "t",
      value: "TASKS",
      many: true,
      hidden: true,
      summary: "nx: the same as TASK, with commas",
    },
    ...changeFlags,
    ...sourceFlags,
  },
  description: [
    "The base is --base, else NX_BASE or TURBO_SCM_BASE, else what CI says about the pull request, merge queue or push, else the base branch. It is compared at the common ancestor, so what others merged meanwhile does not count.",
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
    const { options, positionals } = context;
    const loaded = await loadForTasks(context, options);
    return showAffected(loaded, { ...options, tasks: [...positionals, ...names(options.targets)] }, context);
  },
});
