import { UserError } from "@slipway/kernel";
import { execa } from "execa";
import { withoutRedirections } from "./git.ts";

/** Git runs here without the user's hooks, filters that fetch, prompts or file system monitor. */
const settings = [
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "advice.detachedHead=false",
  "-c",
  "protocol.file.allow=always",
];

/** @throws UserError git/failed with what git says */
export async function quietGit(cwd: string, args: readonly string[], input?: string): Promise<string> {
  const result = await execa("git", [...settings, ...args], {
    cwd,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 1024 * 1024 * 1024,
    extendEnv: false,
    env: {
      ...withoutRedirections(process.env),
      GIT_TERMINAL_PROMPT: "0",
      GIT_LFS_SKIP_SMUDGE: "1",
      GIT_OPTIONAL_LOCKS: "0",
      LC_ALL: "C",
    },
    ...(input === undefined ? {} : { input }),
  });
  if (result.exitCode === 0) return result.stdout;
  const said = result.stderr.trim() || (result.shortMessage ?? "");
  throw new UserError("git/failed", `git ${args[0] ?? ""} failed in ${cwd}: ${said}`, {
    hint: "run the same command by hand to see what git needs",
  });
}
