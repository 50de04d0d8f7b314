import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtProgram, digestOf } from "./parts.ts";

export interface Known<T> {
  said(key: string): T | null;
  keep(key: string, said: T): void;
}

export interface KnownWhere {
  readonly name: string;
  /** Nothing is kept without one. */
  readonly folder: string | undefined;
  /** From the root: what others showed is not known of these. */
  readonly sources: readonly string[];
}

/** What earlier parts of a long proof found out, by case. */
export function knownSoFar<T>({ name, folder, sources }: KnownWhere): Known<T> {
  if (folder === undefined) return { said: () => null, keep: () => undefined };
  const path = join(folder, `${name}-${digestOf(sources).slice(0, 12)}.json`);
  const all = (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {}) as Record<string, T>;
  return {
    said: (key) => all[key] ?? null,
    keep: (key, said) => {
      all[key] = said;
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, JSON.stringify(all));
    },
  };
}

/** The same of publishers: what others showed does not depend on Slipway's code. */
export function knownOfPublishers<T>(where: KnownWhere): (publisher: { readonly name: string }) => Known<T> {
  const own = knownSoFar<T>({ ...where, sources: [...where.sources, ...played, ...builtProgram] });
  const others = knownSoFar<T>({
    ...where,
    name: `${where.name}-others`,
    sources: [...where.sources, ...played],
  });
  return ({ name }) => (name === "slipway" ? own : others);
}

const played = [
  ...["changesets", "lerna", "nx-publisher"].map((home) => `tools/${home}/package-lock.json`),
  "tools/publishers",
  "packages/testkit/src",
];
