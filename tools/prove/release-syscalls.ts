/**
 * A real release whose system calls fail: strace lets the Nth call of one kind return EIO, ENOSPC or another error, or
 * kills the process there. Whatever it says then, the same command without faults ends the release well.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inParts, type Shown } from "./release/in-parts.ts";
import { freePort, releaseCommand, start, type Ended } from "./release/releasing.ts";
import { mulberry32 } from "./release/schedule.ts";
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

/** What each kind of call can fail with, and how many of its calls a thread makes. */
const calls: Readonly<Record<string, { readonly faults: readonly string[]; readonly callsMax: number }>> = {
  write: { faults: ["error=EIO", "error=ENOSPC", "signal=SIGKILL"], callsMax: 40 },
  pwrite64: { faults: ["error=EIO", "error=ENOSPC", "signal=SIGKILL"], callsMax: 8 },
  fsync: { faults: ["error=EIO", "error=ENOSPC", "signal=SIGKILL"], callsMax: 4 },
  fdatasync: { faults: ["error=EIO", "error=ENOSPC", "signal=SIGKILL"], callsMax: 8 },
  rename: { faults: ["error=EIO", "error=ENOSPC", "error=EROFS", "signal=SIGKILL"], callsMax: 3 },
  link: { faults: ["error=EIO", "error=EROFS", "signal=SIGKILL"], callsMax: 2 },
  unlink: { faults: ["error=EIO", "error=EROFS", "signal=SIGKILL"], callsMax: 3 },
  mkdir: { faults: ["error=ENOSPC", "error=EROFS", "signal=SIGKILL"], callsMax: 4 },
  openat: {
    faults: ["error=EIO", "error=ENOSPC", "error=EROFS", "error=EMFILE", "signal=SIGKILL"],
    callsMax: 40,
  },
  read: { faults: ["error=EIO", "signal=SIGKILL"], callsMax: 60 },
  connect: { faults: ["error=ECONNREFUSED", "error=ENETUNREACH", "signal=SIGKILL"], callsMax: 6 },
  execve: { faults: ["error=ENOENT", "error=EIO", "signal=SIGKILL"], callsMax: 2 },
};

/** Of a release, in git's directory: strace picks calls by whole paths. */
const places: Readonly<Record<string, (folder: string) => readonly string[]>> = {
  "the journal": (folder) => [join(folder, "journal.jsonl"), folder, join(folder, "..")],
  "what is kept of the release": (folder) => [
    join(folder, "sealed.json"),
    join(folder, "tarballs"),
    join(folder, "../../current-release"),
    join(folder, "../../release-lock"),
    join(folder, "../.."),
  ],
  "the sealed tarballs": (folder) => [0, 1, 2, 3].map((at) => join(folder, `tarballs/prove-p${at}.tgz`)),
  "any file": () => [],
};

interface Options {
  readonly seed: number;
  readonly full: boolean;
  readonly parts?: string;
  readonly log: (line: string) => void;
}

/** Null when system calls can be made to fail here, else why not. */
export function missingInjection(): string | null {
  if (process.platform !== "linux") return "strace is for Linux";
  const tried = spawnSync("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true"]);
  return tried.status === 0 ? null : "strace is not installed or may not trace";
}

export async function prove({ seed, full, parts, log }: Options) {
  const name = "release-syscalls";
  const missing = missingInjection();
  if (missing !== null) return { name, skipped: missing };
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "slipway-syscalls-")));
  try {
    const port = await freePort();
    const batch = await makeBatch(folder, { count: packages, url: `http://127.0.0.1:${port}/` });
    const play = (at: number): Promise<Shown> =>
      playCase({ batch, port, folder, random: mulberry32(seed + at) });
    // Not every Nth call is made: three hundred faults are meant, not three hundred runs.
    const told = await inParts({ name, total: full ? 460 : 3, folder: parts, play, log });
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
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Case {
  readonly batch: ProvedBatch;
  readonly port: number;
  readonly folder: string;
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
    const isInjected = /INJECTED|killed by SIGKILL/.test(readFileSync(trace, "utf8"));
    const faults = judged(hurt, await registry.now(), { batch, clone });
    const well = await start(releaseCommand(batch.sealed), clone).ended;
    if (well.exit !== 0)
      faults.push(`the run without faults ended with ${well.exit}: ${well.said.slice(-800)}`);
    faults.push(...faultsAtEnd(await registry.now(), batch, { clone }));
    const kind = name.split(":")[0];
    return {
      faults: faults.map((fault) => `${name}: ${fault}`),
      counts: isInjected
        ? { injected: 1, [`faults of ${kind}`]: 1, [`ended with ${hurt.exit ?? "a signal"}`]: 1 }
        : {},
    };
  } finally {
    await registry.close();
  }
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
  const [call, { faults, callsMax }] = pick(Object.entries(calls), random);
  const fault = pick(faults, random);
  const [place, pathsIn] = pick(Object.entries(places), random);
  const paths = call === "connect" || call === "execve" ? [] : pathsIn(kept);
  const when = 1 + Math.floor(random() * callsMax);
  const name = `${call}:${fault}:when=${when}${paths.length > 0 ? ` in ${place}` : ""}`;
  const where = paths.flatMap((path) => ["-P", path]);
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
  if (/^\s+at .+:\d+:\d+\)?$/m.test(said)) faults.push(`a stack trace: ${said.slice(-1200)}`);
  return faults;
}

function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
