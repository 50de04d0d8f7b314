import { UserError, type PackageName } from "@slipway/kernel";
import {
  planRelease,
  releasePlanDigest,
  sealPlan,
  type BatchMark,
  type ReleaseCandidate,
  type ReleaseMode,
  type ReleasePlan,
  type StagedPackage,
} from "@slipway/plan";
import {
  executeRelease,
  type PackageView,
  type PlannedLook,
  type RegistryPort,
  type ReleasePorts,
  type ReleaseResult,
  type SealedTarball,
} from "../src/index.ts";
import { SimulatedMachine } from "./simulated-machine.ts";
import { bytesOf, integrityOf, SimulatedWorld } from "./simulated-world.ts";

/** What a workspace releases, and the bytes that one build of it makes. */
export interface Batch {
  readonly candidates: readonly ReleaseCandidate[];
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

/** A plan with the bytes of its packages: those built here, and those adopted as they are served. */
export interface SealedBatch {
  readonly plan: ReleasePlan;
  readonly bytes: ReadonlyMap<string, Uint8Array>;
  /** What it was planned from; a later process does not know it. */
  readonly looked?: ReadonlyMap<PackageName, PlannedLook>;
}

/** Packages `p0` to `pN`; each needs the two before it. */
export function batchOf(count: number, build = ""): Batch {
  const candidates = Array.from({ length: count }, (_, at) => ({
    name: `p${at}`,
    version: "1.1.0",
    dir: `packages/p${at}`,
    private: false,
    tagOnly: false,
    ignored: false,
    access: null,
    registry: "http://registry.test/",
    publishTag: null,
    needs: [at - 1, at - 2].filter((need) => need >= 0).map((need) => `p${need}`),
  }));
  const bytes = new Map(candidates.map(({ name }) => [name, bytesOf(`${build}${name}`)]));
  return { candidates, bytes };
}

/** Version 1.0.0 of every package but the first is published, as releases before left it. */
export function seeded(batch: Batch): SimulatedMachine {
  const world = new SimulatedWorld();
  for (const { name } of batch.candidates.slice(1)) {
    const bytes = bytesOf(`${name} old`);
    world.put({ name, version: "1.0.0", bytes, tag: "latest", metadata: {} });
  }
  return new SimulatedMachine(world);
}

/** Looks at the registry, plans, and seals, as the command does. */
export async function planned(
  machine: SimulatedMachine,
  batch: Batch,
  { commit = "c1", mode = "tag" }: { readonly commit?: string; readonly mode?: ReleaseMode } = {},
): Promise<SealedBatch> {
  const registry = machine.registry();
  const published: Record<PackageName, PackageView | null> = {};
  const looked = new Map<PackageName, PlannedLook>();
  for (const { name } of batch.candidates) {
    const atMs = machine.nowMs();
    const view = await registry.view(name);
    published[name] = view;
    looked.set(name, { view, atMs });
  }
  const waiting = mode === "stage" ? await waitingOf(machine, batch, published) : new Map<string, Found>();
  const staged = Object.fromEntries([...waiting].map(([name, { found }]) => [name, found]));
  const plan = planRelease({
    commit,
    mode,
    staged,
    channel: null,
    preTag: null,
    candidates: batch.candidates,
    published,
    gitTags: Object.fromEntries(machine.world.gitTags),
    singlePackage: false,
    gates: [],
  });
  const bytes = new Map<string, Uint8Array>();
  for (const { name, version, state } of plan.packages) {
    const integrity = published[name]?.versions[version]?.integrity ?? null;
    const adopted = state === "uploaded" ? await asServed(registry, { name, version, integrity }) : null;
    const kept = state === "staged" ? waiting.get(name)?.bytes : adopted;
    bytes.set(name, kept ?? batch.bytes.get(name) ?? new Uint8Array());
  }
  const integrities = [...bytes].map(([name, each]) => [name, integrityOf(each)]);
  return { plan: sealPlan(plan, Object.fromEntries(integrities)), bytes, looked };
}

interface Found {
  readonly found: StagedPackage;
  readonly bytes: Uint8Array;
}

/** Of what waits for approval, that whose digest some release of ours wrote down. */
async function waitingOf(
  machine: SimulatedMachine,
  { candidates }: Batch,
  published: Readonly<Record<PackageName, PackageView | null>>,
): Promise<Map<PackageName, Found>> {
  const { staging } = machine.registry();
  const waiting = new Map<PackageName, Found>();
  for (const { name, version } of candidates) {
    if (version === null || published[name]?.versions[version]) continue;
    const there = (await staging?.list(name))?.find((each) => each.version === version);
    if (!there) continue;
    for (let attempt = 1; attempt <= 3 && !waiting.has(name); attempt++) {
      const bytes = await staging?.download(there);
      if (!bytes) continue;
      const integrity = integrityOf(bytes);
      const mark = machine.world.sealedElsewhere.get(`${name}@${version} ${integrity}`);
      if (mark)
        waiting.set(name, { bytes, found: { version, integrity, mark: mark as unknown as BatchMark } });
    }
  }
  return waiting;
}

/** What is there already is taken, when it is what the registry says that it is. */
async function asServed(
  registry: RegistryPort,
  {
    name,
    version,
    integrity,
  }: { readonly name: string; readonly version: string; readonly integrity: string | null },
): Promise<Uint8Array> {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const bytes = await registry.download(name, version);
    if (bytes && integrityOf(bytes) === integrity) return bytes;
  }
  throw new UserError("registry/unreachable", `${name}@${version} is not served as it says`);
}

/** One process that releases, from its start to its end. */
export async function release(
  machine: SimulatedMachine,
  { plan, bytes, looked }: SealedBatch,
  own: Partial<ReleasePorts> = {},
): Promise<ReleaseResult> {
  machine.start(looked !== undefined);
  machine.plan = plan;
  if (plan.mode === "stage" && machine.journal === "") {
    await machine.seal(plan, ({ commit, tag, from }) => {
      return { release: plan.id, commit, plan: releasePlanDigest(plan), tag, from: from ?? "" };
    });
  }
  const tarballs = plan.packages.map(({ name, version }) => sealedTarball(name, version, bytes));
  return executeRelease(
    { plan, tarballs, ...(looked ? { looked } : {}) },
    { ...machine.ports(bytes), ...own },
  );
}

function sealedTarball(name: string, version: string, bytes: SealedBatch["bytes"]): SealedTarball {
  const own = bytes.get(name) ?? new Uint8Array();
  return {
    name,
    version,
    integrity: integrityOf(own),
    tarSha256: "",
    sizeBytes: own.length,
    files: [],
    manifest: { name, version },
    path: `${name}.tgz`,
  };
}
