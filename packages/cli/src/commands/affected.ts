import { command } from "../command.ts";
import { affectedWords } from "../flags/affected-words.ts";
import { names } from "../flags/selection.ts";

export const affected = command({
  ...affectedWords,
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
    const { options, positionals, cwd, env } = context;
    const startedMs = Date.now();
    const loaded = await loadForTasks(context, options);
    const flags = { ...options, tasks: [...positionals, ...names(options.targets)] };
    const exit = await showAffected(loaded, flags, context);
    const { repositoryAt } = await import("@slipway/host/hot");
    const { keepView } = await import("../hot/kept-view.ts");
    const git = loaded.root === cwd ? repositoryAt(cwd, env) : null;
    if (git) await keepView({ git, tasksFrom: options["tasks-from"] }, loaded, startedMs);
    return exit;
  },
});
