import { commitPaths, inGit, isCommitted, gitLocks } from "@slipway/host";
import { UserError } from "@slipway/kernel";
import type { Outside } from "../command.ts";

export interface Written {
  readonly message: string;
  readonly paths: readonly string[];
  /** An earlier run may have committed it already, or its git may be about to. */
  readonly perhapsCommitted?: boolean;
  /** What brings the commit about once nobody holds the index. */
  readonly again: string;
}

/**
 * Commits what was written.
 *
 * @throws UserError `version/commit-failed`, and `git/locked` when it was not begun because somebody holds git's locks
 */
export async function commitWritten(root: string, written: Written, outside: Outside): Promise<void> {
  if (!inGit(root)) return outside.say("nothing is committed: this is no git repository");
  const locks = await gitLocks(root);
  if (locks.length > 0)
    throw new UserError("git/locked", `everything is written, but git is locked: ${locks.join(", ")}`, {
      hint: `if no git is at work here, one that was killed has left this: remove it, then ${written.again}`,
    });
  if (written.perhapsCommitted === true && (await isCommitted(root, written.paths, outside.env))) return;
  const refusal = await commitPaths(root, written, outside.env);
  if (refusal !== null)
    throw new UserError("version/commit-failed", `git did not commit: ${refusal}`, {
      hint: "everything is written: commit it by hand",
    });
  outside.say(`committed as "${written.message.split("\n")[0] ?? ""}"`);
}
