import { isRecord } from "@slipway/kernel";

/** Ranges that manifests name by `catalog:` (the default one) or `catalog:NAME`; from pnpm-workspace.yaml, .yarnrc.yml or bun's `workspaces`. */
export type Catalogs = ReadonlyMap<string, ReadonlyMap<string, string>>;

const defaultCatalog = "default";

export function readCatalogs(...sources: readonly unknown[]): Catalogs {
  const catalogs = new Map<string, Map<string, string>>();
  for (const source of sources) {
    if (!isRecord(source)) continue;
    add(catalogs, defaultCatalog, source["catalog"]);
    const named = source["catalogs"];
    if (isRecord(named)) for (const [name, entries] of Object.entries(named)) add(catalogs, name, entries);
  }
  return catalogs;
}

/** The range that a `catalog:` declaration stands for; undefined when the catalog has no such entry. */
export function catalogRange(catalogs: Catalogs, dependency: string, range: string): string | undefined {
  const name = range.slice("catalog:".length).trim() || defaultCatalog;
  return catalogs.get(name)?.get(dependency);
}

function add(catalogs: Map<string, Map<string, string>>, name: string, entries: unknown): void {
  if (!isRecord(entries)) return;
  const catalog = catalogs.get(name) ?? new Map<string, string>();
  catalogs.set(name, catalog);
  for (const [dependency, range] of Object.entries(entries)) {
    if (typeof range === "string") catalog.set(dependency, range);
  }
}
