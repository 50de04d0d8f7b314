import { commitPaths, inGit } from "@slipway/host";
import { UserError } from "@slipway/kernel";
import type { Outside } from "../command.ts";

/**
 * Commits what was written.
 *
 * @throws UserError `version/commit-failed`
 */
export async function commitWritten(
  root: string,
  written: { readonly message: string; readonly paths: readonly string[] },
  outside: Outside,
): Promise<void> {
  if (!inGit(root)) return outside.say("nothing is committed: this is no git repository");
  const refusal = await commitPaths(root, written, outside.env);
  if (refusal !== null)
    throw new UserError("version/commit-failed", `git did not commit: ${refusal}`, {
      hint: "everything is written: commit it by hand",
    });
  outside.say(`committed as "${written.message.split("\n")[0] ?? ""}"`);
}
