import { cpSync, existsSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { registryClient, startVerdaccio } from "../../../packages/registry/src/index.ts";
import { FaultRegistry, type Snapshot } from "../../../packages/testkit/src/index.ts";
import { packed, plantOld, type Looked, type ProvedBatch } from "./sealed-batch.ts";

/** A registry as releases before left it, and what is on it now. */
export interface TrialRegistry {
  /** For `faultsAtEnd` and `visibleHalf`. */
  now(): Promise<Looked>;
  close(): Promise<void>;
}

export type RegistryKind = "fault registry" | "Verdaccio";

/** The fault registry, without faults, on a port. */
export async function trialFaultRegistry(batch: ProvedBatch, port: number): Promise<TrialRegistry> {
  const registry = new FaultRegistry();
  plantOld(registry, batch);
  const listening = await registry.listen(port);
  return { now: () => Promise.resolve(registry), close: () => listening.close() };
}

/** A real Verdaccio on a port, with a storage of its own. */
export async function trialVerdaccio(
  batch: ProvedBatch,
  port: number,
  folder: string,
): Promise<TrialRegistry> {
  const [before, storage] = [join(folder, "storage-before"), join(folder, "storage")];
  if (!existsSync(before)) await seed(batch, before);
  rmSync(storage, { recursive: true, force: true });
  cpSync(before, storage, { recursive: true });
  const server = await startVerdaccio({ storage, uplink: null, config: "production", port });
  const client = registryClient({ url: server.url, auth: null });
  const names = batch.plan.packages.map(({ name }) => name);
  return {
    now: async () => {
      const views = await Promise.all(names.map((name) => client.view(name)));
      const entries = views.flatMap((view) => {
        if (!view) return [];
        const versions = Object.values(view.versions).map(({ version, integrity }) => [version, integrity]);
        return [[view.name, { distTags: view.distTags, versions: Object.fromEntries(versions) }]];
      });
      const snapshot = Object.fromEntries(entries) as Snapshot;
      return { snapshot: () => snapshot, seen: [] };
    },
    close: () => server.close(),
  };
}

async function seed(batch: ProvedBatch, storage: string): Promise<void> {
  const server = await startVerdaccio({ storage, uplink: null, config: "production" });
  try {
    const client = registryClient({ url: server.url, auth: null });
    for (const [at, { name }] of batch.plan.packages.entries()) {
      if (at === 0) continue;
      const tarball = packed(join(storage, "../packed-before"), { name, at, version: "1.0.0" });
      const bytes = await readFile(tarball.path);
      await client.upload({ tarball, bytes, tag: "latest", access: "public", metadata: {} });
    }
  } finally {
    await server.close();
  }
}
