import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { LEAVE_PRE_MODE } from "./scenario.ts";

export function layOut(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text === LEAVE_PRE_MODE ? left(readFileSync(file, "utf8")) : text);
  }
}

/** A snapshot of version 2 drops the dependency on a package that has no version. */
export function losesDependencies(
  theirs: ReadonlyMap<string, string>,
  ours: ReadonlyMap<string, string>,
): boolean {
  return [...ours].some(([path, text]) => {
    const other = theirs.get(path);
    if (!path.endsWith("package.json") || other === undefined) return false;
    const kept = new Set(dependenciesIn(other));
    return dependenciesIn(text).some((name) => !kept.has(name));
  });
}

function dependenciesIn(text: string): string[] {
  const manifest = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return Object.entries(manifest).flatMap(([field, value]) =>
    field.endsWith("ependencies") ? Object.keys(value as object).map((name) => `${field} ${name}`) : [],
  );
}

/** For a package without a version, version 2 writes `^undefined` into dependents and, leaving pre mode, `null`. */
export function isBroken(files: ReadonlyMap<string, string>): boolean {
  return [...files.values()].some((text) =>
    /"version": null|": "(?:workspace:)?[\^~<>=]*undefined"/.test(text),
  );
}

/** What `pre exit` does in both generations. */
function left(preState: string): string {
  return `${JSON.stringify({ ...(JSON.parse(preState) as object), mode: "exit" }, null, 2)}\n`;
}

export function filesOf(dir: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const path of readdirSync(dir, { recursive: true, encoding: "utf8" }).toSorted()) {
    const file = join(dir, path);
    if (/^(?:node_modules|\.git)(?:\/|$)/.test(path) || !statSync(file).isFile()) continue;
    // A snapshot carries the second in which it was made.
    files.set(relative(dir, file), readFileSync(file, "utf8").replaceAll(/\d{14}/g, "DATETIME"));
  }
  return files;
}

export function assertSame(theirs: ReadonlyMap<string, string>, ours: ReadonlyMap<string, string>): void {
  for (const path of new Set([...theirs.keys(), ...ours.keys()])) {
    const [wanted, got] = [theirs.get(path), ours.get(path)];
    if (wanted !== got)
      throw new Error(
        `${path} differs\n--- Changesets\n${wanted ?? "(no file)"}\n+++ Slipway\n${got ?? "(no file)"}`,
      );
  }
}
