import { isRecord, type RelativePath } from "@slipway/kernel";

/**
 * A package of the workspace is two nodes: all that it depends on itself, and what it brings to those that depend on
 * it, which its development dependencies are no part of.
 */
export function importerKeys(dir: RelativePath): { readonly all: string; readonly shipped: string } {
  return { all: `importer ${dir}`, shipped: `shipped ${dir}` };
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
