import { command } from "../command.ts";
import { sourceFlags } from "../flags/selection.ts";

export const show = command({
  positionals: [
    {
      name: "WHAT",
      summary: "a package, or PACKAGE#TASK; without it all packages and their tasks",
      optional: true,
    },
  ],
  options: {
    files: { type: "boolean", summary: "of a task: also list the files that count as its input" },
    json: { type: "boolean", summary: "print JSON" },
    ...sourceFlags,
  },
  examples: [
    { line: "slipway show", does: "what was read: package manager, source of the tasks, packages, tasks" },
    {
      line: "slipway show web#build --files",
      does: "one task as resolved: each field with the file and line it is from",
    },
  ],
  async run(context) {
    const { showWorkspace } = await import("../journeys/show-workspace.ts");
    return showWorkspace(context.positionals[0], context.options, context);
  },
});
