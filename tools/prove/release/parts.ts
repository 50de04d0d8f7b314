import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../packages/kernel/src/index.ts";

export interface Parts<T> {
  /** Null: it was not played yet, or by other sources. */
  read(name: string): T | null;
  keep(name: string, end: T): T;
}

/**
 * Without a folder nothing is kept.
 *
 * @param sources folders and files, from the root: figures of other ones prove nothing of these
 */
export function openParts<T>(folder: string | null, sources: readonly string[]): Parts<T> {
  if (folder === null) return { read: () => null, keep: (_, end) => end };
  mkdirSync(folder, { recursive: true });
  const digest = digestOf(sources).slice(0, 12);
  const pathOf = (name: string): string => join(folder, `${name}-${digest}.json`);
  return {
    read: (name) => (existsSync(pathOf(name)) ? (JSON.parse(readFileSync(pathOf(name), "utf8")) as T) : null),
    keep: (name, end) => {
      writeFileSync(pathOf(name), JSON.stringify(end));
      return end;
    },
  };
}

/** What a proof with the built program depends on. */
export const builtProgram = ["packages/cli/bin/slipway.cjs", "packages/cli/dist"];

/** What a proof with the transaction's own code depends on. */
export const releaseSources = ["cli", "host", "release", "plan", "registry", "ledger", "kernel"].map(
  (room) => `packages/${room}/src`,
);

/** Figures of the same names, added up. */
export function summed(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(all.flatMap((each) => Object.keys(each)));
  return Object.fromEntries(
    [...names].map((name) => [name, all.reduce((sum, each) => sum + (each[name] ?? 0), 0)]),
  );
}

const root = join(import.meta.dirname, "../../..");

/** Of folders and files, from the root. */
export function digestOf(sources: readonly string[]): string {
  const files = sources.flatMap((source) => {
    if (statSync(join(root, source)).isFile()) return [source];
    const paths = readdirSync(join(root, source), { recursive: true, encoding: "utf8" });
    return paths
      .filter((path) => /^(?!node_modules|dist|types).*(?<!\.test)\.(ts|c?js)$/.test(path))
      .map((path) => join(source, path));
  });
  return sha256(
    files
      .toSorted()
      .map((path) => `${path}\n${readFileSync(join(root, path), "utf8")}`)
      .join("\n"),
  );
}
