import { readGit, type Environment } from "./git.ts";

export interface CommitSince {
  readonly hash: string;
  /** Subject and body. */
  readonly message: string;
  /** Below `root`, relative to it. */
  readonly files: readonly string[];
}

const commitsMax = 5000;

/**
 * The commits after `since` up to HEAD, oldest first, without merges: what they brought is in their parents.
 *
 * @param since a commit; null: from the beginning
 */
export async function commitsSince(
  root: string,
  since: string | null,
  env: Environment,
): Promise<readonly CommitSince[]> {
  const log = [
    "log",
    "-z",
    "--no-merges",
    "--reverse",
    `--max-count=${commitsMax}`,
    "--name-only",
    "--no-renames",
  ];
  const range = since === null ? "HEAD" : `${since}..HEAD`;
  const format = "--format=%x01%H%x02%B%x03";
  const { exitCode, stdout } = await readGit(root, [...log, "--relative", format, range, "--"], env);
  if (exitCode !== 0) return [];
  return stdout
    .toString("utf8")
    .split("\u0001")
    .slice(1)
    .map((part) => {
      const [hash = "", rest = ""] = part.split("\u0002");
      const [message = "", names = ""] = rest.split("\u0003");
      return { hash, message: message.trim(), files: names.split(/[\0\n]/).filter(Boolean) };
    });
}
