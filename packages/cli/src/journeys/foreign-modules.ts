import { outOfStep } from "@slipway/host";
import type { PackageManager } from "@slipway/workspace";
import { warningText } from "../report-error.ts";

interface Place {
  readonly root: string;
  readonly manager: PackageManager;
  readonly say: (line: string) => void;
}

/** True where node_modules is not what the lockfile says: what tasks make with it is of no use to anybody, and that is said. */
export function hasForeignModules({ root, manager, say }: Place): boolean {
  const found = outOfStep(root, manager.name);
  if (!found) return false;
  say(
    warningText({
      code: "workspace/out-of-step",
      message: `node_modules is out of step with ${found.lockfile}, so no result is stored: ${found.difference}`,
      hint: `run \`${manager.name} install\``,
    }),
  );
  return true;
}
