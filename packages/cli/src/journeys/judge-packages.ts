import { runGates, type Gate, type GateResult } from "@slipway/gates";
import type { PackageName } from "@slipway/kernel";
import type { RegistryClient } from "@slipway/registry";
import type { SealedTarball } from "@slipway/release";
import { readFile } from "node:fs/promises";
import { gatePorts, sealedSubject } from "../wire/gate-ports.ts";

/** Installs wait for the network most of the time, and two of them keep two cores busy. */
const PACKAGES_AT_ONCE = 3;

export interface Judgement {
  readonly tarballs: readonly SealedTarball[];
  /** Where they can be installed from. */
  readonly registry: RegistryClient;
  /** An empty folder for installs. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What users get now, for telling old findings from new ones. */
  readonly before: Readonly<Record<PackageName, string | null>>;
  /** All of them when not said. */
  readonly gates?: readonly Gate[];
  /** Names of gates whose faults stop a release; all of them when not said. */
  readonly stopping?: readonly string[];
  readonly onResult: (result: GateResult) => void;
}

export async function judgePackages(judgement: Judgement): Promise<readonly GateResult[]> {
  const { tarballs, registry, folder, env, before, gates, stopping, onResult } = judgement;
  const subjects = await Promise.all(
    tarballs.map(async (tarball) => sealedSubject(tarball, await readFile(tarball.path))),
  );
  return runGates({
    subjects,
    ports: gatePorts({ staging: registry, folder, env, before }),
    nowMs: () => performance.now(),
    concurrency: PACKAGES_AT_ONCE,
    ...(gates ? { gates } : {}),
    ...(stopping ? { stopping } : {}),
    onResult,
  });
}
