import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Known {
  said(key: string): string | null;
  keep(key: string, said: string): void;
}

/** What earlier parts of a long proof found out, by case; nothing is kept without a folder. */
export function knownSoFar(name: string, parts: string | undefined): Known {
  if (parts === undefined) return { said: () => null, keep: () => undefined };
  const path = join(parts, `${name}.json`);
  const all = (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {}) as Record<string, string>;
  return {
    said: (key) => all[key] ?? null,
    keep: (key, said) => {
      all[key] = said;
      mkdirSync(parts, { recursive: true });
      writeFileSync(path, JSON.stringify(all));
    },
  };
}
