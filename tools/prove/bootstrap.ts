import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Proof, ProveOptions } from "../prove.ts";

const repository = dirname(dirname(import.meta.dirname));
/** `nobody`, where the proof is run by root. */
const UNPRIVILEGED_ID = 65_534;
const COLD_S_MAX = 120;
const WARM_S_MAX = 20;

interface Ended {
  readonly status: number | null;
  readonly tookS: number;
  readonly output: string;
}

/** From a fresh clone with an empty HOME, in a path with spaces and without root: `npm start`, cold and warm. */
export async function prove(options: ProveOptions): Promise<Proof> {
  const name = "From a fresh clone to a rehearsed release";
  if (!options.full)
    return { name, summary: "Installs everything anew, so it has no slice.", figures: {}, failed: 0 };
  const bench = mkdtempSync(join(tmpdir(), "slipway bootstrap "));
  const clone = join(bench, "slip way");
  const home = join(bench, "home");
  mkdirSync(home);
  execFileSync("git", ["clone", "--quiet", "--no-hardlinks", repository, clone]);
  if (process.getuid?.() === 0) giveAway(bench);
  try {
    const start = (cwd: string, argv: readonly string[]) => ended(argv, cwd, home);
    const [cold, beside] = await Promise.all([
      start(clone, ["npm", "start"]),
      start(bench, ["node", join(clone, "tools/bootstrap.mjs"), "build"]),
    ]);
    options.log(`cold: ${cold.tookS.toFixed(1)} s, exit ${cold.status}; beside it: exit ${beside.status}`);
    const warm = await start(clone, ["npm", "start"]);
    options.log(`warm: ${warm.tookS.toFixed(1)} s, exit ${warm.status}`);
    const idle = await start(bench, ["node", join(clone, "tools/bootstrap.mjs"), "install"]);
    const all = [cold, beside, warm, idle];
    for (const { status, output } of all) if (status !== 0) options.log(output);
    const leftIn = execFileSync("git", ["-C", clone, "-c", "safe.directory=*", "status", "--porcelain"]);
    const tooSlow = [cold.tookS > COLD_S_MAX, warm.tookS > WARM_S_MAX].filter(Boolean).length;
    return {
      name,
      summary:
        "A fresh clone of the current commit in a path with spaces, with an empty HOME, no root and a PATH of the system: " +
        "`npm start` while a second bootstrap runs on the same clone, then again, then the bootstrap alone with nothing to do.",
      figures: {
        "npm start, cold (s)": Math.round(cold.tookS),
        "npm start, warm (s)": Math.round(warm.tookS),
        "what the bootstrap adds when nothing is to do (s)": Number(idle.tookS.toFixed(2)),
        "entries left in HOME": readdirSync(home).toSorted().join(" "),
        "changes in the clone": String(leftIn) || "none",
      },
      failed: all.filter(({ status }) => status !== 0).length + tooSlow + (String(leftIn) === "" ? 0 : 1),
    };
  } finally {
    rmSync(bench, { recursive: true, force: true });
  }
}

function giveAway(folder: string): void {
  chownSync(folder, UNPRIVILEGED_ID, UNPRIVILEGED_ID);
  execFileSync("chown", ["-R", `${UNPRIVILEGED_ID}:${UNPRIVILEGED_ID}`, folder]);
}

function ended([file = "", ...rest]: readonly string[], cwd: string, home: string): Promise<Ended> {
  const startedMs = performance.now();
  const isRoot = process.getuid?.() === 0;
  // The caller's own .bin folders would lend the clone what it has to bring itself.
  const path = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  const child = spawn(file, rest, {
    cwd,
    env: { HOME: home, PATH: path.join(delimiter) },
    stdio: ["ignore", "pipe", "pipe"],
    ...(isRoot ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {}),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output, tookS: (performance.now() - startedMs) / 1000 }));
  });
}
