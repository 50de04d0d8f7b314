import { UserError } from "@slipway/kernel";
import { spawn } from "node:child_process";

/**
 * Variables that git sets for hooks and that would make it work on another repository, index or object store than the
 * directory's own. Source: `git rev-parse --local-env-vars`; the ones that carry settings (`GIT_CONFIG_*`) stay, since
 * a container may say `safe.directory` there.
 */
const redirecting = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_LITERAL_PATHSPECS",
  "GIT_GLOB_PATHSPECS",
  "GIT_NOGLOB_PATHSPECS",
  "GIT_ICASE_PATHSPECS",
  "GIT_NAMESPACE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
  "GIT_EXTERNAL_DIFF",
  "GIT_DIFF_OPTS",
  "GIT_TRACE",
]);

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Runs git to read: it takes no lock that others could run into, asks no question, starts no file system monitor and
 * answers in English.
 *
 * @returns the answer whatever the exit code is
 * @throws UserError git/failed when git is not there or does not trust the directory
 */
export async function readGit(cwd: string, args: readonly string[], env: Environment): Promise<GitAnswer> {
  const answer = await spawned(cwd, ["-c", "core.fsmonitor=false", ...args], readingEnvironment(env));
  if (answer.exitCode !== 0 && /dubious ownership/.test(answer.stderr)) {
    throw new UserError("git/failed", `git does not trust ${cwd}: another user owns it`, {
      hint: `run \`git config --global --add safe.directory ${cwd}\``,
    });
  }
  return answer;
}

/** The environment without what would make git work on another repository than the directory's own. */
export function withoutRedirections(env: Environment): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !redirecting.has(name)));
}

export function readingEnvironment(env: Environment): NodeJS.ProcessEnv {
  return { ...withoutRedirections(env), GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
}

function spawned(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", (cause) => {
      reject(
        new UserError("git/failed", "git cannot be started", {
          hint: "install git, or put it on the PATH",
          cause,
        }),
      );
    });
    child.on("close", (code) => {
      resolve({
        exitCode: code ?? 1,
        stdout: Buffer.concat(out),
        stderr: Buffer.concat(err).toString("utf8").trim(),
      });
    });
  });
}

/**
 * Runs git to read, and hands over its output piece by piece (between zeros and line ends) until `take` says false.
 * A failure of git gives no more pieces.
 */
export function streamGit(
  cwd: string,
  { args, env }: { readonly args: readonly string[]; readonly env: Environment },
  take: (piece: string) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn("git", ["-c", "core.fsmonitor=false", ...args], {
      cwd,
      env: readingEnvironment(env),
      stdio: ["ignore", "pipe", "ignore"],
    });
    let rest = "";
    let wanted = true;
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (chunk: string) => {
      const pieces = `${rest}${chunk}`.split(/[\0\n]/);
      rest = pieces.pop() ?? "";
      for (const piece of pieces) wanted &&= take(piece);
      if (!wanted) child.kill();
    });
    child.on("error", () => resolve());
    child.on("close", () => {
      if (wanted && rest !== "") take(rest);
      resolve();
    });
  });
}

/** For a command that has no reason to fail. */
export function gitFailed(args: readonly string[], { stderr }: GitAnswer): UserError {
  return new UserError("git/failed", `git ${args[0] ?? ""} failed: ${stderr}`, {
    hint: "run the same command by hand to see what git needs",
  });
}
