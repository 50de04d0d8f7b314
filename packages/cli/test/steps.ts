import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dispatch } from "../src/dispatch.ts";
import { reportError } from "../src/report-error.ts";
import { testOutside } from "./outside.ts";

/**
 * A case is a folder: `in/` is the tree, `steps.golden.txt` what is typed and what comes of it. A line with `$ ` is
 * typed; below it stand stderr as it is, stdout behind `| `, and the exit status when it is not 0. `$ slipway …` runs
 * in this process; all else, also with pipes, through sh with `slipway` on its PATH.
 */
export async function playSteps(folder: string): Promise<{ expected: string; actual: string }> {
  const golden = join(folder, "steps.golden.txt");
  const expected = readFileSync(golden, "utf8");
  const typed = expected.split("\n").filter((line) => line.startsWith("$ "));
  const box = makeBox(folder);
  try {
    let actual = "";
    for (const line of typed) actual += `${line}\n${redacted(await play(line.slice(2), box), box)}`;
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(golden, actual);
    return { expected, actual };
  } finally {
    rmSync(box.home, { recursive: true, force: true });
  }
}

interface Box {
  readonly home: string;
  readonly cwd: string;
  readonly env: Record<string, string>;
}

function makeBox(folder: string): Box {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "slipway-steps-")));
  const cwd = join(home, "repo");
  mkdirSync(cwd);
  if (existsSync(join(folder, "in"))) cpSync(join(folder, "in"), cwd, { recursive: true });
  const bin = join(home, "bin");
  mkdirSync(bin);
  const main = join(import.meta.dirname, "../src/start.ts");
  const start = `#!/bin/sh\nexec "${process.execPath}" --conditions=source "${main}" "$@"\n`;
  writeFileSync(join(bin, "slipway"), start, { mode: 0o755 });
  const env = {
    PATH: `${bin}:${process.env["PATH"]}`,
    HOME: home,
    SLIPWAY_CACHE_DIR: join(home, "cache"),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    ...identity,
  };
  if (!existsSync(join(folder, "no-git"))) commitAll(cwd, env);
  return { home, cwd, env };
}

const identity = {
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.com",
};

function commitAll(cwd: string, env: Record<string, string>): void {
  const git = (...args: string[]) => execFileSync("git", args, { cwd, env, stdio: "ignore" });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "--allow-empty", "-m", "start");
}

async function play(line: string, box: Box): Promise<string> {
  const words = line.split(/\s+/);
  const plain = words[0] === "slipway" && !/[|&;<>$"'`*]/.test(line);
  return plain ? playHere(words.slice(1), box) : playInShell(line, box);
}

async function playHere(argv: readonly string[], box: Box): Promise<string> {
  const outside = testOutside({ cwd: box.cwd, env: box.env });
  const status = await dispatch(argv, outside).catch((error: unknown) => reportError(error, argv, outside));
  return transcript(outside.stdout(), outside.stderr(), status);
}

function playInShell(line: string, box: Box): string {
  const { stdout, stderr, status, signal } = spawnSync("sh", ["-c", line], {
    cwd: box.cwd,
    env: box.env,
    encoding: "utf8",
    timeout: 20_000,
  });
  return transcript(stdout, stderr, signal ?? status ?? 0);
}

function transcript(stdout: string, stderr: string, status: number | string): string {
  const answer = stdout.split("\n").map((text) => `| ${text}`.trimEnd());
  if (answer.at(-1) === "|") answer.pop();
  return `${stderr}${answer.map((text) => `${text}\n`).join("")}${status === 0 ? "" : `exit ${status}\n`}`;
}

function redacted(text: string, box: Box): string {
  return text
    .replaceAll(box.cwd, "<repo>")
    .replaceAll(box.home, "<home>")
    .replaceAll(/\b\d+(\.\d+)? m?s\b/g, "<time>");
}
