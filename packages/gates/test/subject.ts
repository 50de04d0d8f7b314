import { integrityOf } from "@slipway/kernel";
import {
  allGates,
  runGates,
  type GatePorts,
  type GateSubject,
  type Ran,
  type Verdict,
} from "../src/index.ts";

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A package from its files; `package.json` is written from the manifest. */
export function subject(manifest: Record<string, unknown>, files: Record<string, string> = {}): GateSubject {
  const whole = {
    name: "pkg",
    version: "1.0.0",
    license: "MIT",
    repository: "o/r",
    description: "d",
    ...manifest,
  };
  const packed = new Map(Object.entries({ "package.json": JSON.stringify(whole), ...files }));
  return {
    name: whole.name,
    version: whole.version,
    integrity: integrityOf(text("bytes")),
    manifest: whole,
    files: {
      paths: [...packed.keys()].toSorted(),
      read: (path) => (packed.has(path) ? text(packed.get(path) ?? "") : null),
    },
  };
}

export interface World {
  readonly before?: GateSubject | null;
  readonly served?: string;
  /** What each load or bin answers; by default all is well. */
  readonly ran?: (call: string) => Partial<Ran>;
  readonly installs?: boolean;
}

export const fine: Ran = { exitCode: 0, timedOut: false, stdout: "", stderr: "" };

export function ports(world: World): GatePorts {
  const ran = (call: string): Ran => ({ ...fine, ...world.ran?.(call) });
  return {
    servedIntegrity: () => Promise.resolve(integrityOf(text(world.served ?? "bytes"))),
    lastPublished: () => Promise.resolve(world.before ?? null),
    install: () =>
      Promise.resolve(
        world.installs === false
          ? { ok: false, log: "ERESOLVE could not resolve" }
          : {
              ok: true,
              runNode: (script) => Promise.resolve(ran(script)),
              runBin: (bin, args) => Promise.resolve(ran([bin, ...args].join(" "))),
            },
      ),
  };
}

export async function verdict(gate: string, of: GateSubject, world: World = {}): Promise<Verdict> {
  const results = await runGates({
    subjects: [of],
    ports: ports(world),
    nowMs: () => 0,
    concurrency: 1,
    gates: allGates.filter(({ name }) => name === gate),
  });
  return results[0]?.verdict ?? { outcome: "skipped", because: "no such gate" };
}

/** What the load script would print for one failed entry, then well for the rest. */
export function loads(...results: readonly object[]): (script: string) => Partial<Ran> {
  return () => ({ stdout: results.map((each) => `\n@@slipway ${JSON.stringify(each)}\n`).join("") });
}
