import { readGit, type Environment } from "./git.ts";

/** Files that git has as executable (mode 755), relative to `root`; outside of git none is known. */
export async function executableFiles(root: string, env: Environment): Promise<readonly string[]> {
  const { exitCode, stdout } = await readGit(root, ["ls-files", "--stage", "-z"], env);
  if (exitCode !== 0) return [];
  return stdout
    .toString("utf8")
    .split("\0")
    .filter((entry) => entry.startsWith("100755 "))
    .map((entry) => entry.slice(entry.indexOf("\t") + 1));
}
