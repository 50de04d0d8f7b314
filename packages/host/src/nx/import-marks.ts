import { hash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { moduleNames } from "./module-names.ts";

/** A digest of what a source file imports: it stays the same while only other lines change. */
export function importMark(text: string): string {
  // Here the lines around an import decide as well.
  if (text.includes("nx-ignore-next-line")) return hash("sha256", text, "hex");
  return hash("sha256", JSON.stringify([...moduleNames(text)].toSorted()), "hex");
}

/** Marks of contents that were read before, by git's name of the contents: they are true for ever. */
export class KnownImports {
  readonly #path: string;
  readonly #before: ReadonlyMap<string, string>;
  readonly #now = new Map<string, string>();
  #hasNews = false;

  constructor(path: string) {
    this.#path = path;
    this.#before = new Map(entriesIn(path));
  }

  markOf(contents: string, read: () => string): string {
    const known = this.#now.get(contents) ?? this.#before.get(contents);
    const mark = known ?? importMark(read());
    if (known === undefined) this.#hasNews = true;
    this.#now.set(contents, mark);
    return mark;
  }

  /** Keeps those that were asked for. That it cannot be written costs time, nothing else. */
  keep(): void {
    if (!this.#hasNews) return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      const part = `${this.#path}.${process.pid}`;
      writeFileSync(part, JSON.stringify([...this.#now]));
      renameSync(part, this.#path);
    } catch {
      // A full disk or a read-only checkout.
    }
  }
}

function entriesIn(path: string): readonly (readonly [string, string])[] {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as readonly (readonly [string, string])[];
  } catch {
    return [];
  }
}
