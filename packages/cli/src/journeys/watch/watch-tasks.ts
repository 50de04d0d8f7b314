import type { ExitStatus } from "@slipway/kernel";
import { plural } from "../../report/text.ts";
import type { Flags, RunContext } from "../run-context.ts";
import { checkSingleMode } from "../single-mode.ts";
import { Watching } from "./watching.ts";

/** `slipway run TASK --watch`: runs the tasks, then again and again those whose inputs changed, until Ctrl-C. */
export async function watchTasks(flags: Flags, context: RunContext): Promise<ExitStatus> {
  checkSingleMode("watch", flags);
  const { signal, say } = context;
  const watching = new Watching(flags, context);
  try {
    let ids = await watching.open();
    while (!signal.aborted) {
      await watching.round(ids);
      if (signal.aborted) break;
      say(`watching ${plural(watching.folders, "folder")}; Ctrl-C ends`);
      const next = await watching.nextTasks();
      if (!next) break;
      ids = next;
    }
  } finally {
    await watching.end();
  }
  return 130;
}
