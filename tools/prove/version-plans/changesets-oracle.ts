import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onDemand } from "../../on-demand.ts";

export interface ChangesetsOracle {
  /** What `changeset version` does in a directory, by the libraries that it consists of. Throws where it refuses. */
  version(dir: string, snapshot: { readonly tag: string | null } | null): Promise<void>;
}

type Library = Record<string, (...given: readonly unknown[]) => unknown>;

/** The libraries of one generation's CLI, loaded on first use. */
export function changesetsOracle(generation: 2 | 3): ChangesetsOracle | { readonly missing: string } {
  const installed = onDemand("changesets");
  if ("missing" in installed) return installed;
  const cli = join(installed.folder, `changesets-${generation}`, "package.json");
  const load = async (name: string): Promise<Library> => {
    const module = (await import(pathToFileURL(createRequire(cli).resolve(name)).href)) as Library;
    return module;
  };
  return { version: (dir, snapshot) => quietly(() => versionWith({ generation, load }, dir, snapshot)) };
}

interface Libraries {
  readonly generation: 2 | 3;
  readonly load: (name: string) => Promise<Library>;
}

interface Config extends Record<string, unknown> {
  readonly snapshot: Record<string, unknown>;
}

/** Source: commands/version of @changesets/cli 2.31.1 and 3.0.3. */
async function versionWith(
  { generation, load }: Libraries,
  dir: string,
  snapshot: { readonly tag: string | null } | null,
): Promise<void> {
  const packages = await call(await load("@manypkg/get-packages"), "getPackages", dir);
  const config = await readConfig(await load("@changesets/config"), generation, [dir, packages]);
  const preLibrary = await load("@changesets/pre");
  // In this order: version 3 moves files when it reads the state of version 2.
  const preState = (await call(preLibrary, "readPreState", dir)) as { mode: string } | undefined;
  const readLibrary = await load("@changesets/read");
  const changesets = (await call(
    readLibrary,
    generation === 3 ? "readChangesets" : "default",
    dir,
  )) as unknown[];
  if (preState?.mode === "pre" && snapshot !== null) throw new Error("no snapshots in pre mode");
  if (changesets.length === 0 && preState?.mode !== "exit") return;
  const tag = snapshot === null ? undefined : { tag: snapshot.tag ?? undefined };
  const assemble = await load("@changesets/assemble-release-plan");
  const plan = await call(
    assemble,
    generation === 3 ? "assembleReleasePlan" : "default",
    changesets,
    packages,
    config,
    preState,
    tag,
  );
  const apply = await load("@changesets/apply-release-plan");
  const flag = snapshot === null ? undefined : (snapshot.tag ?? true);
  await call(apply, generation === 3 ? "applyReleasePlan" : "default", plan, packages, config, flag);
}

async function readConfig(
  library: Library,
  generation: 2 | 3,
  given: readonly [string, unknown],
): Promise<Config> {
  if (generation === 2) return (await call(library, "read", ...given)) as Config;
  const { config, errors } = (await call(library, "readConfig", ...given)) as {
    config?: Config;
    errors?: unknown;
  };
  if (!config) throw new Error(`configuration refused: ${String(errors)}`);
  return config;
}

async function call(library: Library, name: string, ...given: readonly unknown[]): Promise<unknown> {
  let found: unknown = library[name];
  // CommonJS seen from ESM.
  while (typeof found === "object" && found !== null) found = (found as Library)["default"];
  found ??= (library["default"] as unknown as Library | undefined)?.[name];
  if (typeof found !== "function") throw new TypeError(`there is no ${name}`);
  const answer: unknown = await found(...given);
  return answer;
}

function nothing(): void {
  return undefined;
}

/** They print about every dependency that they take for no edge. */
async function quietly(work: () => Promise<void>): Promise<void> {
  const kept = { error: console.error, warn: console.warn, log: console.log };
  Object.assign(console, { error: nothing, warn: nothing, log: nothing });
  try {
    await work();
  } finally {
    Object.assign(console, kept);
  }
}
