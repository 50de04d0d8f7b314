/**
 * `slipway version`, with changelogs and a commit, as a real process that is killed with SIGKILL at random moments: alone,
 * or with the git that it has started. The same command is run again until it ends well. Then the work tree, the history
 * and the index must be those of a run that nobody killed, and nothing may be left over.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { mulberry32 } from "../mulberry32.ts";

const packages = 40;
const runTimeoutMs = 120_000;
const program = join(import.meta.dirname, "../../packages/cli/src/start.ts");

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const random = mulberry32(options.seed);
  const wanted = options.full ? 200 : 3;
  const home = mkdtempSync(join(tmpdir(), "slipway-version-kills-"));
  const repository = new Repository(join(home, "repo"), home);
  const figures = {
    "packages a run": packages,
    kills: 0,
    "of these after the plan was kept": 0,
    "with git killed, too": 0,
    "locks that a killed git left": 0,
    "rounds of kills until one run ended": 0,
  };
  const faults: string[] = [];
  try {
    repository.layOut();
    const first = await repository.run();
    if (first.exit !== 0) throw new Error(`without a kill it ended with ${first.exit}: ${first.said}`);
    const expected = repository.state();
    while (figures.kills < wanted) {
      repository.startAgain();
      const round = await playRound(repository, random, Math.min(4, wanted - figures.kills));
      figures["rounds of kills until one run ended"]++;
      figures.kills += round.kills;
      figures["of these after the plan was kept"] += round.late;
      figures["with git killed, too"] += round.withGit;
      figures["locks that a killed git left"] += round.locks;
      const state = repository.state();
      const problems = [...round.faults, ...(state === expected ? [] : [difference(expected, state)])];
      faults.push(...problems);
      for (const problem of problems) options.log(`after ${figures.kills} kills: ${problem}`);
      if (figures["rounds of kills until one run ended"] % 20 === 0)
        options.log(`${figures.kills} kills, ${faults.length} faults`);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return {
    name: "version-kills",
    summary:
      "`slipway version` with changelogs and a commit, killed with SIGKILL at random moments: the same command, run again, leaves the work tree, the index and the one commit of a run that nobody killed.",
    figures,
    failed: faults.length,
  };
}

interface Round {
  readonly kills: number;
  readonly late: number;
  readonly withGit: number;
  readonly locks: number;
  readonly faults: readonly string[];
}

async function playRound(repository: Repository, random: () => number, killsMax: number): Promise<Round> {
  const round = { kills: 0, late: 0, withGit: 0, locks: 0 };
  const faults: string[] = [];
  for (;;) {
    const child = repository.start();
    const ended = endOf(child);
    let killed: Kill = null;
    if (round.kills < killsMax) killed = await killSometime(child, ended, { repository, random });
    const { exit, said } = await ended;
    // What a killed run started on its own may still be at work.
    if (killed === "alone") await repository.settled();
    if (exit === 0) return { ...round, faults };
    if (exit === null) {
      round.kills++;
      if (repository.planIsKept()) round.late++;
      if (killed === "with git") round.withGit++;
    } else if (said.includes("git/locked") && repository.unlock()) round.locks++;
    else return { ...round, faults: [`it ended with ${exit}: ${said}`] };
  }
}

type Kill = "alone" | "with git" | null;

/** Anywhere; from the moment on when the plan is kept, where files and commit are written; or while git commits. */
async function killSometime(
  child: ChildProcess,
  ended: Promise<unknown>,
  { repository, random }: { readonly repository: Repository; readonly random: () => number },
): Promise<Kill> {
  const state = { isOver: false };
  void ended.then(() => (state.isOver = true));
  const where = random();
  const withGit = random() < 1 / 2;
  const lateMs = random() * (where < 0.3 ? 900 : where < 0.8 ? 250 : 10);
  const hasCome = (): boolean =>
    where < 0.3 || (where < 0.8 ? repository.planIsKept() : repository.isLocked());
  while (!state.isOver && !hasCome()) await pause(1);
  await pause(lateMs);
  if (state.isOver || child.pid === undefined) return null;
  const helpers = withGit ? descendants(child.pid) : [];
  for (const pid of [child.pid, ...helpers]) kill(pid);
  return helpers.length > 0 ? "with git" : "alone";
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function descendants(pid: number): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendants)];
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

interface Ended {
  /** Null when it was killed. */
  readonly exit: number | null;
  readonly said: string;
}

function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    const timer = setTimeout(() => child.kill("SIGKILL"), runTimeoutMs);
    // Not `close`: git that lives on has the same stderr.
    child.once("exit", (exit) => {
      clearTimeout(timer);
      setImmediate(() => resolve({ exit, said }));
    });
  });
}

/** Where the expected and the actual state part: the first line that differs. */
function difference(expected: string, actual: string): string {
  const [a, b] = [expected.split("\n"), actual.split("\n")];
  const at = a.findIndex((line, index) => line !== b[index]);
  return `expected ${JSON.stringify(a[at])}, found ${JSON.stringify(b[at])}`;
}

class Repository {
  readonly #dir: string;
  readonly #env: Record<string, string>;
  #start = "";

  constructor(dir: string, home: string) {
    this.#dir = dir;
    this.#env = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_AUTHOR_NAME: "A",
      GIT_AUTHOR_EMAIL: "a@example.com",
      GIT_COMMITTER_NAME: "A",
      GIT_COMMITTER_EMAIL: "a@example.com",
      // Equal runs make equal commits.
      GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
      GIT_COMMITTER_DATE: "2026-01-02T03:04:05Z",
    };
  }

  layOut(): void {
    this.#put("package.json", { name: "root", private: true, workspaces: ["packages/*"] });
    this.#put(".changeset/config.json", {
      $schema: "https://unpkg.com/@changesets/config@4.0.1/schema.json",
      changelog: "@changesets/cli/changelog",
      commit: true,
    });
    for (let at = 0; at < packages; at++) {
      const dependencies = at > 0 ? { [`p${at - 1}`]: "^1.0.0" } : {};
      this.#put(`packages/p${at}/package.json`, { name: `p${at}`, version: "1.0.0", dependencies });
      if (at % 2 === 0) this.#put(`.changeset/c${at}.md`, `---\n"p${at}": major\n---\n\nChange ${at}\n`);
    }
    this.#git("init", "-q", "-b", "main");
    this.#git("add", "-A");
    this.#git("commit", "-q", "-m", "start");
    this.#start = this.#git("rev-parse", "HEAD").trim();
  }

  startAgain(): void {
    rmSync(join(this.#dir, ".git/slipway"), { recursive: true, force: true });
    this.#git("reset", "-q", "--hard", this.#start);
    this.#git("clean", "-qfdx");
  }

  start(): ChildProcess {
    const args = ["--conditions=source", "--disable-warning=ExperimentalWarning", program, "version"];
    return spawn(process.execPath, args, {
      cwd: this.#dir,
      env: this.#env,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }

  run(): Promise<Ended> {
    return endOf(this.start());
  }

  /** Texts of the work tree, the history, what git thinks is changed, and what Slipway keeps. */
  state(): string {
    const files = this.#git("ls-files", "-z", "--cached", "--others").split("\0").filter(Boolean).toSorted();
    const there = files.filter((file) => existsSync(join(this.#dir, file)));
    const texts = there.map(
      (file) => `${file}: ${JSON.stringify(readFileSync(join(this.#dir, file), "utf8"))}`,
    );
    return [
      ...texts,
      ...["log --format=%H", "status --porcelain", "diff --cached --stat"].map((line) =>
        this.#git(...line.split(" ")),
      ),
      this.planIsKept() ? "a plan is kept" : "no plan is kept",
    ].join("\n");
  }

  planIsKept(): boolean {
    const folder = join(this.#dir, ".git/slipway");
    return existsSync(folder) && readdirSync(folder).some((name) => /^version-plan-\w+\.json$/.test(name));
  }

  isLocked(): boolean {
    return existsSync(this.#lock());
  }

  /** Once git that lived on has ended. */
  async settled(): Promise<void> {
    for (let at = 0; at < 200 && this.isLocked(); at++) await pause(10);
  }

  /** @returns whether there was a lock */
  unlock(): boolean {
    const left = ["index.lock", "HEAD.lock", "refs/heads/main.lock"].map((name) =>
      join(this.#dir, ".git", name),
    );
    const there = left.filter((lock) => existsSync(lock));
    for (const lock of there) rmSync(lock);
    return there.length > 0;
  }

  #lock(): string {
    return join(this.#dir, ".git/index.lock");
  }

  #put(path: string, value: unknown): void {
    const file = join(this.#dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof value === "string" ? value : `${JSON.stringify(value, null, 2)}\n`);
  }

  #git(...args: string[]): string {
    return execFileSync("git", args, { cwd: this.#dir, env: this.#env, encoding: "utf8" });
  }
}
