import { readGit, type Environment } from "./git.ts";

/** Who wrote a commit, as git has it; null when there is no such commit. */
export async function authorOf(
  root: string,
  commit: string,
  env: Environment,
): Promise<{ readonly name: string; readonly email: string } | null> {
  const { exitCode, stdout } = await readGit(root, ["log", "-1", "--format=%an%x00%ae", commit, "--"], env);
  const [name = "", email = ""] = stdout.toString("utf8").trim().split("\0");
  return exitCode === 0 && name !== "" ? { name, email } : null;
}
