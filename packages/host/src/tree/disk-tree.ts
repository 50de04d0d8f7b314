import { lstatSync, readFileSync, rmdirSync, unlinkSync } from "node:fs";
import picomatch from "picomatch";
import type { Environment } from "../git.ts";
import { FileMarks, stampOf, stampTickMs } from "./file-marks.ts";
import { Listing } from "./listing.ts";
import { walkGlobs, type Globs } from "./walk.ts";

export interface InputSelector extends Globs {
  /** `respect`: files that git ignores do not count; `include`: they do. */
  readonly ignored: "respect" | "include";
}

export interface StampedPath {
  readonly path: string;
  readonly stamp: string;
}

/** Stamps of what stood where outputs go. */
export class OutputStamps {
  readonly paths: readonly string[];
  readonly stamps: ReadonlyMap<string, string>;
  /** The latest change among them, in milliseconds since the epoch; 0 when there are none. */
  readonly changedMs: number;

  constructor(root: string, paths: readonly string[]) {
    const stamps = new Map<string, string>();
    let changedMs = 0;
    for (const path of paths) {
      const stat = lstatSync(`${root}/${path}`, { throwIfNoEntry: false });
      if (!stat) continue;
      stamps.set(path, stampOf(stat));
      changedMs = Math.max(changedMs, stat.ctimeMs, stat.mtimeMs);
    }
    this.paths = paths.filter((path) => stamps.has(path));
    this.stamps = stamps;
    this.changedMs = changedMs;
  }

  differs(path: string, from: { readonly paths: readonly string[] }): boolean {
    return !(from instanceof OutputStamps) || this.stamps.get(path) !== from.stamps.get(path);
  }
}

/** A work tree on disk: what counts in it, what stands in it, what changed. */
export class DiskTree {
  readonly root: string;
  readonly #listing: Listing;
  readonly #marks: FileMarks;

  private constructor(root: string, listing: Listing) {
    this.root = root;
    this.#listing = listing;
    this.#marks = new FileMarks(root);
  }

  /** @param outputDirs root-relative directories that tasks will write: asked about once, before any task does */
  static async open(root: string, env: Environment, outputDirs: readonly string[]): Promise<DiskTree> {
    const listing = await Listing.open(root, env);
    listing.expect(outputDirs.map((dir) => `${dir}/`));
    return new DiskTree(root, listing);
  }

  inputs(selectors: readonly InputSelector[], except: ReadonlySet<string>): InputMarks {
    const take = (): Record<string, string> => this.#marksOf(this.#select(selectors), except);
    const marks = take();
    return { marks, changed: (outputs) => changedPaths(marks, take(), outputs) };
  }

  text(path: string): string | null {
    try {
      return readFileSync(`${this.root}/${path}`, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  outputs(spec: Globs): OutputStamps {
    return new OutputStamps(this.root, walkGlobs(this.root, spec));
  }

  inPlace(outputs: readonly StampedPath[]): boolean {
    return outputs.every((output) => this.#isSame(output));
  }

  unchanged<T extends StampedPath>(outputs: readonly T[]): readonly T[] {
    return outputs.filter(
      (output) => this.#isSame(output) && this.#listing.tracked(output.path) === undefined,
    );
  }

  remove(outputs: readonly StampedPath[]): void {
    const dirs = new Set<string>();
    for (const { path } of outputs) {
      ignoringAbsence(() => unlinkSync(`${this.root}/${path}`));
      if (path.includes("/")) dirs.add(path.slice(0, path.lastIndexOf("/")));
    }
    for (const dir of [...dirs].toSorted((a, b) => b.length - a.length)) removeEmpty(this.root, dir);
  }

  counts(path: string): boolean {
    return this.#listing.counts(path);
  }

  async settled(snapshot: { readonly paths: readonly string[] }): Promise<void> {
    if (!(snapshot instanceof OutputStamps)) return;
    const waitMs = snapshot.changedMs + stampTickMs - Date.now();
    if (waitMs <= 0 || waitMs > stampTickMs) return;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, waitMs);
    });
  }

  #isSame({ path, stamp }: StampedPath): boolean {
    const stat = lstatSync(`${this.root}/${path}`, { throwIfNoEntry: false });
    return stat !== undefined && stampOf(stat) === stamp;
  }

  #select(selectors: readonly InputSelector[]): string[] {
    const found = new Set<string>();
    for (const selector of selectors) {
      const paths = selector.ignored === "include" ? walkGlobs(this.root, selector) : this.#listed(selector);
      for (const path of paths) found.add(path);
    }
    return [...found].toSorted();
  }

  #listed({ include, exclude }: Globs): string[] {
    const isOut = exclude.length > 0 ? picomatch([...exclude], { dot: true }) : () => false;
    return include.flatMap((glob) => {
      const { base, glob: rest } = picomatch.scan(glob);
      if (rest === "") return this.#listedAt(glob).filter((path) => !isOut(path));
      const below = this.#listing.below(base === "." ? "" : base);
      const matches = rest === "**" || rest === "**/*" ? () => true : picomatch(glob, { dot: true });
      return below.filter((path) => matches(path) && !isOut(path));
    });
  }

  /** A glob without magic names a file, or a directory with all that is in it. */
  #listedAt(path: string): string[] {
    const dir = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const inDir = this.#listing.namesIn(dir);
    if (inDir.files.has(path.slice(dir === "" ? 0 : dir.length + 1))) return [path];
    return this.#listing.below(path.replace(/\/+$/, ""));
  }

  #marksOf(paths: readonly string[], except: ReadonlySet<string>): Record<string, string> {
    const marks: Record<string, string> = {};
    for (const path of paths) {
      if (except.has(path)) continue;
      const commit = this.#listing.tracked(path);
      const mark = commit ? `commit:${commit}` : this.#marks.mark(path);
      if (mark !== null) marks[path] = mark;
    }
    return marks;
  }
}

export interface InputMarks {
  readonly marks: Readonly<Record<string, string>>;
  changed(outputs: ReadonlySet<string>): readonly string[];
}

function changedPaths(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  outputs: ReadonlySet<string>,
): string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter((path) => before[path] !== after[path] && !outputs.has(path)).toSorted();
}

function removeEmpty(root: string, dir: string): void {
  for (let at = dir; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    try {
      rmdirSync(`${root}/${at}`);
    } catch {
      // Not empty, or gone: what is above it stays too.
      return;
    }
  }
}

function ignoringAbsence(act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
