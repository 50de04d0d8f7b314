import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../packages/kernel/src/index.ts";

export interface Parts<T> {
  /** Null: it was not played yet, or by other sources. */
  read(name: string): T | null;
  keep(name: string, end: T): T;
}

/** Without a folder nothing is kept. */
export function openParts<T>(folder: string | null): Parts<T> {
  if (folder === null) return { read: () => null, keep: (_, end) => end };
  mkdirSync(folder, { recursive: true });
  const sources = digestOfSources().slice(0, 12);
  const pathOf = (name: string): string => join(folder, `${name}-${sources}.json`);
  return {
    read: (name) => (existsSync(pathOf(name)) ? (JSON.parse(readFileSync(pathOf(name), "utf8")) as T) : null),
    keep: (name, end) => {
      writeFileSync(pathOf(name), JSON.stringify(end));
      return end;
    },
  };
}

const root = join(import.meta.dirname, "../../..");
const played = [
  "packages/release",
  "packages/plan/src/release",
  "packages/ledger/src",
  "packages/kernel/src",
];
const playing = [
  "tools/prove/release-simulation.ts",
  "tools/prove/release/schedule.ts",
  "tools/prove/release/watch.ts",
];

/** Of the transaction and of the world in which it is played: figures of another one prove nothing of this one. */
function digestOfSources(): string {
  const folders = played.flatMap((folder) => {
    return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter(
        (path) =>
          /^(?:(?!node_modules).)*\.ts$/.test(path) && !path.endsWith(".test.ts") && !path.includes("dist/"),
      )
      .map((path) => join(folder, path));
  });
  const files = [...folders, ...playing].toSorted();
  return sha256(files.map((path) => `${path}\n${readFileSync(join(root, path), "utf8")}`).join("\n"));
}
