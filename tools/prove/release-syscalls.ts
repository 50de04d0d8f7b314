/**
 * A real release whose system calls fail: strace lets the Nth call of one kind return EIO, ENOSPC or another error, or
 * kills the process there. Whatever it says then, the same command without faults ends the release well.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inParts, type Shown } from "./release/in-parts.ts";
import { builtProgram } from "./release/parts.ts";
import { freePort, releaseCommand, start, type Ended } from "./release/releasing.ts";
import { mulberry32 } from "../mulberry32.ts";
import {
  faultsAtEnd,
  freshClone,
  makeBatch,
  visibleHalf,
  type Looked,
  type ProvedBatch,
} from "./release/sealed-batch.ts";
import { trialFaultRegistry } from "./release/trial-registry.ts";

const packages = 4;
const sources = [
  ...builtProgram,
  "tools/prove/release-syscalls.ts",
  "tools/prove/release",
  "packages/testkit/src",
];

interface Target {
  readonly call: string;
  readonly faults: readonly string[];
  /** How many of these calls a thread makes at most; each counts for itself. */
  readonly callsMax: number;
  /** Files that it is about, in the folder that is kept of the release; any file when not said. */
  readonly files?: readonly string[];
}

const journal = ["journal.jsonl"];
const tarballs = [0, 1, 2, 3].map((at) => `tarballs/prove-p${at}.tgz`);
const space = ["error=EIO", "error=ENOSPC"];
const killed = "signal=SIGKILL";

/** Calls of the releasing process, its threads, and the git processes that it starts, on both sides of a push. */
const targets: readonly Target[] = [
  { call: "write", faults: [...space, killed], callsMax: 15, files: journal },
  { call: "fdatasync", faults: [...space, killed], callsMax: 15, files: journal },
  { call: "fsync", faults: [...space, killed], callsMax: 1, files: journal },
  { call: "openat", faults: [...space, "error=EROFS", killed], callsMax: 1, files: journal },
  { call: "openat", faults: ["error=EIO", "error=EMFILE", killed], callsMax: 1, files: tarballs },
  { call: "read", faults: ["error=EIO", killed], callsMax: 1, files: tarballs },
  { call: "openat", faults: [...space, "error=EROFS", killed], callsMax: 1, files: ["sealed.json"] },
  { call: "rename", faults: [...space, "error=EROFS", killed], callsMax: 1, files: ["sealed.json"] },
  { call: "rename", faults: [...space, killed], callsMax: 1, files: ["../../current-release"] },
  {
    call: "unlink",
    faults: ["error=EIO", "error=EROFS", killed],
    callsMax: 1,
    files: ["../../current-release"],
  },
  { call: "write", faults: [...space, killed], callsMax: 45 },
  { call: "fsync", faults: [...space, killed], callsMax: 3 },
  { call: "rename", faults: [...space, "error=EROFS", killed], callsMax: 4 },
  { call: "link", faults: ["error=EIO", "error=EROFS", killed], callsMax: 3 },
  { call: "unlink", faults: ["error=EIO", "error=EROFS", killed], callsMax: 3 },
  { call: "mkdir", faults: ["error=ENOSPC", "error=EROFS", killed], callsMax: 4 },
  { call: "openat", faults: [...space, "error=EROFS", "error=EMFILE", killed], callsMax: 45 },
  { call: "read", faults: ["error=EIO", killed], callsMax: 50 },
  { call: "connect", faults: ["error=ECONNREFUSED", "error=ENETUNREACH", killed], callsMax: 4 },
  { call: "execve", faults: ["error=EIO", "error=EAGAIN", killed], callsMax: 6 },
];

interface Options {
  readonly seed: number;
  readonly full: boolean;
  readonly parts?: string;
  readonly cases?: number;
  readonly log: (line: string) => void;
}

/** Null when system calls can be made to fail here, else why not. */
export function missingInjection(): string | null {
  if (process.platform !== "linux") return "strace is for Linux";
  const tried = spawnSync("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true"]);
  return tried.status === 0 ? null : "strace is not installed or may not trace";
}

export async function prove({ seed, full, parts, cases, log }: Options) {
  const name = "release-syscalls";
  const missing = missingInjection();
  if (missing !== null) return { name, skipped: missing };
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "slipway-syscalls-")));
  try {
    const places: Place[] = [];
    for (let lane = 0; lane < lanes; lane++) places.push(await makePlace(join(folder, String(lane))));
    const play = (at: number, lane: number): Promise<Shown> =>
      playCase({ ...pickedAt(places, lane), random: mulberry32(seed + at) });
    // Not every Nth call is made: three hundred faults are meant, not three hundred runs.
    const total = full ? (cases ?? 470) : 3;
    const told = await inParts({ name, total, folder: parts, sources, play, lanes, log });
    if ("skipped" in told) return told;
    const { injected = 0, ...counts } = told.counts;
    return {
      name,
      summary: `${injected} releases of ${packages} packages in which a system call failed: ${told.faults.length} faults`,
      figures: {
        releases: told.cases,
        "with a failed call": injected,
        ...sorted(counts),
        faults: told.faults.length,
      },
      failed: told.faults.length,
      tookMs: told.tookMs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Most of a case is waiting for processes to start. */
const lanes = 3;

interface Place {
  readonly batch: ProvedBatch;
  readonly port: number;
  readonly folder: string;
}

async function makePlace(folder: string): Promise<Place> {
  const port = await freePort();
  return {
    port,
    folder,
    batch: await makeBatch(folder, { count: packages, url: `http://127.0.0.1:${port}/` }),
  };
}

interface Case extends Place {
  readonly random: () => number;
}

async function playCase({ batch, port, folder, random }: Case): Promise<Shown> {
  const registry = await trialFaultRegistry(batch, port);
  const clone = freshClone(batch, join(folder, "trial"));
  const trace = join(folder, "trace");
  try {
    const kept = join(clone, ".git/slipway/releases", batch.plan.id);
    const { name, command } = injection({ random, kept, trace });
    const hurt = await start([...command, ...releaseCommand(batch.sealed)], clone).ended;
    const traced = readFileSync(trace, "utf8");
    const isInjected = /INJECTED|killed by SIGKILL/.test(traced);
    const faults = judged(hurt, await registry.now(), { batch, clone });
    if (hurt.hung && !isBetweenItsThreads(traced)) faults.push("it did not end");
    const well = await start(releaseCommand(batch.sealed), clone).ended;
    if (well.exit !== 0)
      faults.push(`the run without faults ended with ${well.exit}: ${well.said.slice(-800)}`);
    faults.push(...faultsAtEnd(await registry.now(), batch, { clone }));
    const kind = name.replace(/:when=\d+/, "");
    const end = hurt.hung ? "hung until it was killed" : `ended with ${hurt.exit ?? "a signal"}`;
    return {
      faults: faults.map((fault) => `${name}: ${fault}`),
      counts: isInjected ? { injected: 1, [kind]: 1, [end]: 1 } : {},
    };
  } finally {
    await registry.close();
  }
}

/**
 * The byte that libuv gives back to its own pipe when a signal was handled: no kernel refuses it, and Node waits for it
 * for ever. Whoever kills it then must find a release that goes on.
 */
function isBetweenItsThreads(traced: string): boolean {
  return /write\(\d+, "\*", 1\) .*INJECTED/.test(traced);
}

function injection({
  random,
  kept,
  trace,
}: {
  readonly random: () => number;
  /** Where the release keeps what it needs to go on. */
  readonly kept: string;
  readonly trace: string;
}): { readonly name: string; readonly command: readonly [string, ...string[]] } {
  const { call, faults, callsMax, files = [] } = pick(targets, random);
  const fault = pick(faults, random);
  const when = 1 + Math.floor(random() * callsMax);
  const name = `${call}:${fault}:when=${when}${files.length > 0 ? ` of ${files[0]}` : ""}`;
  const where = files.flatMap((file) => ["-P", join(kept, file)]);
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:${fault}:when=${when}`];
  return { name, command: ["strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, ...where, ...inject] };
}

/** What a run must not leave or say, however it was hurt. */
function judged(
  { exit, said }: Ended,
  registry: Looked,
  { batch, clone }: { readonly batch: ProvedBatch; readonly clone: string },
): string[] {
  const faults = [...visibleHalf(registry, batch)];
  if (exit === 0)
    faults.push(...faultsAtEnd(registry, batch, { clone }).map((fault) => `it said 0, and ${fault}`));
  // Before its first word it is Node that cannot load the program.
  if (exit === 70 || said.includes("slipway has a bug"))
    faults.push(`it calls it a bug: ${said.slice(-1200)}`);
  return faults;
}

function pick<T>(items: readonly T[], random: () => number): T {
  return pickedAt(items, Math.floor(random() * items.length));
}

function pickedAt<T>(items: readonly T[], at: number): T {
  const item = items[at];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
