/**
 * What publishes has the token, and must not run anything that somebody else wrote: a real release under strace. Once it
 * publishes it starts no program but git, and opens no file of the repository beside git's own directory.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { FaultRegistry } from "../../packages/testkit/src/index.ts";
import { faultsAtEnd, freshClone, makeBatch, plantOld, type ProvedBatch } from "./release/sealed-batch.ts";

const token = "secret-of-the-proof";
const packages = 3;

/** Null when the trace can be taken, else why not. */
export function missingStrace(): string | null {
  if (process.platform !== "linux") return "strace is for Linux";
  return spawnSync("strace", ["-V"]).status === 0 ? null : "strace is not installed";
}

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "slipway-power-")));
  try {
    const sealed = await traced(folder, publishesSealed);
    const built = options.full ? await traced(folder, buildsAndPublishes) : null;
    const all = [sealed, ...(built ? [built] : [])];
    const found = all.flatMap(({ faults }) => faults);
    for (const each of found.slice(0, 20)) options.log(each);
    return {
      name: "power-separation",
      summary: `${all.length} releases under strace: ${found.length} faults`,
      figures: {
        "programs started while publishing": [...new Set(all.flatMap(({ programs }) => programs))].join(", "),
        "files opened while publishing": all.reduce((sum, { opened }) => sum + opened, 0),
        "files of the repository among them": all.reduce((sum, { ofRepository }) => sum + ofRepository, 0),
        faults: found.length,
      },
      failed: found.length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Trial {
  readonly clone: string;
  readonly args: readonly string[];
  /** All that is wrong with how the release ended. */
  readonly faults: () => string[];
}

interface Traced {
  readonly programs: readonly string[];
  readonly opened: number;
  readonly ofRepository: number;
  readonly faults: readonly string[];
}

async function traced(
  folder: string,
  prepare: (folder: string, registry: FaultRegistry, url: string) => Promise<Trial>,
): Promise<Traced> {
  const registry = new FaultRegistry({ tokens: { [token]: { user: "proof" } } });
  const listening = await registry.listen();
  try {
    const trial = await prepare(folder, registry, listening.url);
    const trace = join(folder, "trace");
    const said = await run(trial, trace);
    const lines = readFileSync(trace, "utf8").split("\n");
    return judged(lines, trial, said);
  } finally {
    await listening.close();
  }
}

/** Publishing alone, from a folder that another job sealed. */
async function publishesSealed(folder: string, registry: FaultRegistry, url: string): Promise<Trial> {
  const batch: ProvedBatch = await makeBatch(join(folder, "batch"), { count: packages, url });
  plantOld(registry, batch);
  const clone = freshClone(batch, join(folder, "sealed-trial"));
  configure(clone, url);
  mkdirSync(join(clone, "packages/bait"), { recursive: true });
  writeFileSync(join(clone, "packages/bait/package.json"), "{}");
  const args = ["release", "--from", batch.sealed, "--yes"];
  return { clone, args, faults: () => faultsAtEnd(registry, batch, { clone }) };
}

/** Build, lifecycle scripts, gates and publishing in one command. */
async function buildsAndPublishes(folder: string, registry: FaultRegistry, url: string): Promise<Trial> {
  const clone = join(folder, "built", "clone");
  const dir = join(clone, "packages/kit");
  mkdirSync(dir, { recursive: true });
  const spy = "node -e \"require('fs').appendFileSync('../../../seen.txt', JSON.stringify(process.env))\"";
  writeFileSync(
    join(clone, "package.json"),
    JSON.stringify({ name: "root", private: true, workspaces: ["packages/*"] }),
  );
  writeFileSync(
    join(dir, "package.json"),
    JSON.stringify({
      name: "kit",
      version: "1.0.0",
      license: "MIT",
      main: "index.js",
      scripts: { build: spy, prepack: spy.replace("../../../", `${folder}/built/`) },
    }),
  );
  writeFileSync(join(dir, "index.js"), "module.exports = 1;\n");
  configure(clone, url);
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: clone, encoding: "utf8" });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("-c", "user.name=proof", "-c", "user.email=proof@localhost", "commit", "--quiet", "--message", "one");
  git("clone", "--quiet", "--bare", ".", "../origin.git");
  git("remote", "add", "origin", join(folder, "built", "origin.git"));
  return {
    clone,
    args: ["release", "--yes"],
    faults: () => {
      const seen = join(folder, "built", "seen.txt");
      const scripts = existsSync(seen) ? readFileSync(seen, "utf8") : "";
      return [
        ...(registry.snapshot()["kit"]?.versions["1.0.0"] ? [] : ["kit was not published"]),
        ...(scripts === "" ? ["no script ran"] : []),
        ...(scripts.includes(token) ? ["a script of the repository saw the token"] : []),
        ...(scripts.includes("ask-for-identity") ? ["a script could ask for the job's identity"] : []),
      ];
    },
  };
}

function configure(clone: string, url: string): void {
  const host = url.replace("http:", "");
  writeFileSync(join(clone, ".npmrc"), `registry=${url}\n${host}:_authToken=\${PROOF_TOKEN}\n`);
}

async function run({ clone, args }: Trial, trace: string): Promise<string> {
  const main = join(import.meta.dirname, "../../packages/cli/src/start.ts");
  const command = [process.execPath, "--conditions=source", main, ...args];
  const filter = ["-f", "--seccomp-bpf", "-s", "4096", "-e", "trace=execve,openat,open", "-o", trace];
  const child = spawn("strace", [...filter, ...command], {
    cwd: clone,
    env: {
      ...process.env,
      PROOF_TOKEN: token,
      HOME: clone,
      ACTIONS_ID_TOKEN_REQUEST_URL: "http://127.0.0.1:9/ask-for-identity",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "ask-for-identity",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  const exit = await new Promise((resolve) => child.once("close", resolve));
  return exit === 0 ? said : `exit ${String(exit)}: ${said}`;
}

/** Publishing begins where the journal of the release is opened. */
function judged(lines: readonly string[], { clone, faults }: Trial, said: string): Traced {
  const begun = lines.findIndex((line) => line.includes("/journal.jsonl"));
  const publishing = lines.slice(begun).filter((line) => !/= -1 E/.test(line));
  const started = publishing.filter((line) => line.includes("execve(") && !isRemoteSide(line));
  const programs = started.flatMap((line) => /execve\("([^"]+)"/.exec(line)?.[1] ?? []);
  const opened = publishing.flatMap((line) => /open(?:at)?\((?:AT_FDCWD, )?"([^"]+)"/.exec(line)?.[1] ?? []);
  const ofRepository = opened.filter((path) => isOfRepository(path, clone));
  return {
    programs: programs.map((path) => basename(path)),
    opened: opened.length,
    ofRepository: ofRepository.length,
    faults: [
      ...(begun === -1 ? [`nothing was published: ${said}`] : []),
      ...(said.includes(token) ? ["the token was printed"] : []),
      ...programs.filter((path) => !isGit(path)).map((path) => `while publishing, ${path} was started`),
      ...ofRepository.map((path) => `while publishing, ${path} was opened`),
      ...faults(),
    ],
  };
}

/** Relative paths are git's: it alone works inside of the clone. */
function isOfRepository(path: string, clone: string): boolean {
  const inside = path.startsWith("/") ? path.startsWith(`${clone}/`) && path.slice(clone.length + 1) : path;
  return (
    inside !== false &&
    !/^(\.git(\/|$)|\.\/|objects|refs|packed-refs|HEAD|config|shallow|info\/|hooks|description)/.test(inside)
  );
}

/** git reaches a remote on this disk through a shell that starts the remote's side, as ssh would on another machine. */
function isRemoteSide(line: string): boolean {
  return /execve\("\/bin\/sh", \["\/bin\/sh", "-c", "git-(upload|receive)-pack '/.test(line);
}

function isGit(path: string): boolean {
  return /^git(-[a-z-]+)?$/.test(basename(path));
}
