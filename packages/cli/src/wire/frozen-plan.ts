import { findGitDirs, readText, replaceDurably, syncDirectory } from "@slipway/host";
import type { FrozenPlan, KeptPlan } from "@slipway/release";
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Keeps the plan being applied in git's own directory, where no work tree sees it; in a directory without git it stands
 * in the workspace's `node_modules/.cache`.
 */
export function frozenPlan(root: string): FrozenPlan {
  const file = join(folderFor(root), `version-plan-${shortHash(root)}.json`);
  return {
    read: async () => {
      const text = await readText(file);
      return text === null ? null : (JSON.parse(text) as KeptPlan);
    },
    keep: async (plan) => {
      await mkdir(dirname(file), { recursive: true });
      await replaceDurably(file, JSON.stringify(plan));
      // Its folder may be new, too.
      await syncDirectory(dirname(dirname(file)));
    },
    discard: () => rm(file, { force: true }),
  };
}

function folderFor(root: string): string {
  const dirs = findGitDirs(root);
  return dirs === null ? join(root, "node_modules/.cache/slipway") : join(dirs.commonDir, "slipway");
}

/** Linked work trees share git's common directory, and each may have a plan of its own. */
function shortHash(root: string): string {
  return createHash("sha256").update(root).digest("hex").slice(0, 12);
}
