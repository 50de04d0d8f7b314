import { FaultRegistry, type FaultRegistryOptions } from "@slipway/testkit";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  freshClone,
  makeBatch,
  plantOld,
  type ProvedBatch,
} from "../../../../tools/prove/release/sealed-batch.ts";
import type { ReleaseFlags } from "../../src/journeys/release-here.ts";
import { abortHere } from "../../src/journeys/release-status.ts";
import { releaseHere, resumeHere } from "../../src/journeys/release-here.ts";

/** A sealed batch that is published again and again, to registries that start anew on the same address. */
export interface SealedRelease {
  readonly batch: ProvedBatch;
  /** A registry as releases before left it, and a machine with a clone. */
  start(options?: FaultRegistryOptions): Promise<Trial>;
  end(): Promise<void>;
}

export interface Trial {
  readonly registry: FaultRegistry;
  readonly clone: string;
  /** `slipway release --from SEALED --yes --json`. */
  release(how?: Partial<ReleaseFlags>, env?: Environment, onLine?: (line: string) => void): Promise<Ended>;
  /** `slipway release resume --json`. */
  resume(how?: { readonly otp?: string }, env?: Environment): Promise<Ended>;
  /** `slipway release abort --json`. */
  abort(otp: string, env?: Environment): Promise<Ended>;
  /** What .npmrc says beside the registry: `_authToken=…`; nothing when empty. */
  credentials(setting: string): void;
}

export type Environment = Readonly<Record<string, string>>;

export interface Ended {
  readonly exit: number | string;
  readonly finished: Readonly<Record<string, unknown>>;
  /** All that was printed. */
  readonly printed: string;
}

export async function sealedRelease(count: number): Promise<SealedRelease> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-sealed-"));
  const first = await new FaultRegistry().listen();
  const port = Number(new URL(first.url).port);
  const batch = await makeBatch(join(folder, "batch"), { count, url: first.url });
  let listening = first;
  let trials = 0;
  return {
    batch,
    start: async (options = {}) => {
      await listening.close();
      const registry = new FaultRegistry(options);
      listening = await registry.listen(port);
      plantOld(registry, batch);
      return trialOf(registry, batch, freshClone(batch, join(folder, `trial-${++trials}`)));
    },
    end: async () => {
      await listening.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function trialOf(registry: FaultRegistry, batch: ProvedBatch, clone: string): Trial {
  const url = batch.plan.packages[0]?.registry ?? "";
  // The lock on origin has tests of its own.
  writeFileSync(join(clone, "slipway.json"), JSON.stringify({ release: { lock: false } }));
  const flags = {
    yes: true,
    plan: false,
    json: true,
    channel: undefined,
    build: "build",
    from: batch.sealed,
    mode: undefined,
    otp: undefined,
    approve: undefined,
    provenance: null,
  };
  return {
    registry,
    clone,
    release: (how = {}, env = {}, onLine = () => undefined) => {
      return ended(clone, env, (here) => {
        const answer = (line: string): void => {
          here.answer(line);
          onLine(line);
        };
        return releaseHere({ ...flags, ...how }, { ...here, answer });
      });
    },
    resume: (how = {}, env = {}) =>
      ended(clone, env, (here) => resumeHere({ json: true, otp: how.otp }, here)),
    abort: (otp, env = {}) => ended(clone, env, (here) => abortHere({ json: true, otp, yes: true }, here)),
    credentials: (setting) => {
      const line = setting === "" ? "" : `${url.replace("http:", "")}:${setting}\n`;
      writeFileSync(join(clone, ".npmrc"), `registry=${url}\n${line}`);
    },
  };
}

/** The packages that the sealed batch was made of, and a later commit than its own. */
export function withSources({ clone }: Trial, batch: ProvedBatch): void {
  const root = { name: "root", private: true, workspaces: ["packages/*"] };
  writeFileSync(join(clone, "package.json"), JSON.stringify(root));
  for (const { name, version } of batch.plan.packages) {
    const folder = join(clone, "packages", name.replace("@prove/", ""));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version }));
  }
  const author = ["-c", "user.name=a", "-c", "user.email=a@localhost", "-c", "commit.gpgSign=false"];
  execFileSync("git", ["add", "--all"], { cwd: clone });
  execFileSync("git", [...author, "commit", "--quiet", "--message", "two"], { cwd: clone });
}

type Here = Parameters<typeof releaseHere>[1];

async function ended(clone: string, env: Environment, work: (here: Here) => Promise<number>): Promise<Ended> {
  const lines: string[] = [];
  const said: string[] = [];
  const here: Here = {
    cwd: clone,
    env: { PATH: process.env["PATH"], HOME: clone, ...env },
    signal: new AbortController().signal,
    terminal: {
      interactive: false,
      live: false,
      color: false,
      width: () => null,
      github: false,
      size: () => ({ columns: 80, rows: 24 }),
      draw: () => undefined,
    },
    answer: (text) => void lines.push(text),
    say: (text) => void said.push(text),
  };
  let exit: number | string;
  try {
    exit = await work(here);
  } catch (error) {
    exit = String((error as { code?: string }).code);
    said.push(JSON.stringify((error as { problems?: unknown }).problems));
  }
  return {
    exit,
    finished: JSON.parse(lines.at(-1) ?? "{}") as Record<string, unknown>,
    printed: [...lines, ...said].join("\n"),
  };
}
