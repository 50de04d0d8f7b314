import { command } from "../command.ts";
import { sourceFlags } from "../flags/selection.ts";

export const why = command({
  positionals: [{ name: "PACKAGE#TASK", summary: "a task" }],
  options: {
    against: {
      type: "text",
      value: "RUN|REF",
      summary: "compare with a kept run (its id, or last) or a commit, instead of with the task's last run",
    },
    json: { type: "boolean", summary: "print JSON" },
    "cache-dir": {
      type: "text",
      value: "DIR",
      env: ["SLIPWAY_CACHE_DIR"],
      summary: "where results are kept; else the user's cache directory",
    },
    ...sourceFlags,
  },
  description: [
    "Says what a run would do with the task now, and if it would run, what differs from its last run here: first the task itself, then the tasks that it needs and that are the cause. Nothing is run. Values of variables that look secret are neither shown nor kept; they are compared by digests that only this machine can compute.",
    "`slipway run --last` names the last run; files that git ignores play no part in a comparison with a commit.",
  ],
  examples: [
    { line: "slipway why web#build", does: "why web#build would, or would not, come from the cache" },
    { line: "slipway why web#build --against main", does: "what makes it another build than main's" },
  ],
  async run(context) {
    const { explainTask } = await import("../journeys/explain-task.ts");
    return explainTask(context.positionals[0] ?? "", context.options, context);
  },
});
