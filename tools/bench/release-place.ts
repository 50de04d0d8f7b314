import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { integrityOf } from "../../packages/kernel/src/index.ts";
import { registryClient, startVerdaccio } from "../../packages/registry/src/index.ts";
import { makeWorkspace, type PublisherWorkspace } from "../publishers/workspace.ts";
import { sealWorkspace } from "../publishers/seal.ts";
import { countingProxy } from "./counting-proxy.ts";
import { measure, type Command } from "./measure.ts";

/** Packages that need nothing of one another: with 100 packages a graph of fifteen layers. */
const width = 7;
const port = 48_731;
const url = `http://127.0.0.1:${port}/`;

export type Manager = "pnpm" | "npm";

/** A workspace, its sealed folder and a registry that has its versions before, to be had again for each sample. */
export interface ReleasePlace {
  readonly workspace: PublisherWorkspace;
  readonly sealed: string;
  readonly folder: string;
}

export async function makePlace(folder: string, count: number, manager: Manager): Promise<ReleasePlace> {
  const place = { folder, sealed: join(folder, "sealed") };
  mkdirSync(folder, { recursive: true });
  const earlier = makeWorkspace({ folder: join(folder, "w"), count, url, manager, width, version: "1.0.0" });
  const seeds = join(folder, "seeds");
  const registry = await startVerdaccio({ storage: join(folder, "storage-before"), uplink: null, ...served });
  try {
    await sealWorkspace(earlier, seeds);
    await bare("puts", seeds);
    rmSync(seeds, { recursive: true });
    const workspace = makeWorkspace({ folder: join(folder, "w"), count, url, manager, width });
    await sealWorkspace(workspace, place.sealed);
    renameSync(join(folder, "w"), join(folder, "w-before"));
    return { ...place, workspace };
  } finally {
    await registry.close();
  }
}

const served = { config: "production", port } as const;

export interface Open {
  readonly counts: ReadonlyMap<string, number> | null;
  close(): Promise<void>;
}

/** The workspace and the registry as they were before; the registry has answered enough to be warm. */
export async function restored(place: ReleasePlace, isCounted: boolean): Promise<Open> {
  const { folder } = place;
  for (const each of ["w", "storage"]) {
    rmSync(join(folder, each), { recursive: true, force: true });
    cpSync(join(folder, `${each}-before`), join(folder, each), { recursive: true, verbatimSymlinks: true });
  }
  const storage = join(folder, "storage");
  if (!isCounted) {
    const registry = await startVerdaccio({ storage, uplink: null, ...served });
    await warmed(folder);
    return { counts: null, close: () => registry.close() };
  }
  const registry = await startVerdaccio({ storage, uplink: null, config: "production" });
  const proxy = await countingProxy(port, registry.url);
  return {
    counts: proxy.counts,
    close: async () => {
      proxy.close();
      await registry.close();
    },
  };
}

/** The floor as a command: all PUTs, or all requests of a transaction, in a clone with those to its origin. */
export function bareClient(mode: "puts" | "transaction", sealed: string, clone?: string): Command {
  const program = join(import.meta.dirname, "bare-client.ts");
  return {
    program: process.execPath,
    args: [
      "--disable-warning=ExperimentalWarning",
      program,
      mode,
      url,
      sealed,
      "8",
      ...(clone === undefined ? [] : [clone]),
    ],
    cwd: tmpdir(),
    env: { PATH: process.env["PATH"] ?? "" },
  };
}

async function bare(mode: "puts" | "transaction", sealed: string): Promise<void> {
  const { exitCode } = await measure(bareClient(mode, sealed));
  if (exitCode !== 0) throw new Error(`the bare client ended with ${exitCode}`);
}

/** Of the registry's own program, which is compiled as it runs: nobody is to pay for having been first. */
async function warmed(folder: string): Promise<void> {
  const sealed = join(folder, "warming");
  mkdirSync(sealed, { recursive: true });
  const bytes = Buffer.from("warm");
  const integrity = integrityOf(bytes);
  writeFileSync(join(sealed, "one.tgz"), bytes);
  const tarballs = Array.from({ length: warmings }, (_, at) => {
    const [name, version] = [`@warm/p${at}`, "1.0.0"];
    return { name, version, integrity, manifest: { name, version }, path: "one.tgz" };
  });
  writeFileSync(join(sealed, "sealed.json"), JSON.stringify({ tarballs }));
  await bare("transaction", sealed);
}

const warmings = 60;

/** How many of the batch are up, and how many of them `latest` shows. */
export async function standing(
  place: ReleasePlace,
): Promise<{ readonly up: number; readonly latest: number }> {
  const client = registryClient({ url, auth: null });
  const found = { up: 0, latest: 0 };
  for (const name of place.workspace.names) {
    const view = await client.view(name);
    if (view?.versions["1.1.0"]) found.up++;
    if (view?.distTags["latest"] === "1.1.0") found.latest++;
  }
  return found;
}
