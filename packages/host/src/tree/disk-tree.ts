import { lstatSync, readdirSync, readFileSync, rmdirSync, unlinkSync } from "node:fs";
import picomatch from "picomatch";
import type { Environment } from "../git.ts";
import { FileMarks } from "./file-marks.ts";
import { changedPaths, type InputMarks } from "./input-marks.ts";
import { Listing, splitPath } from "./listing.ts";
import { OutputStamps } from "./output-stamps.ts";
import { stampOf, stampTickMs, type StatNumbers } from "./stamps.ts";
import { splitGlob, walkGlobs, type Globs } from "./walk.ts";

export interface InputSelector extends Globs {
  /** `respect`: files that git ignores do not count; `include`: they do. */
  readonly ignored: "respect" | "include";
}

export interface StampedPath {
  readonly path: string;
  readonly stamp: string;
}

export interface CarriedFiles {
  get(path: string): StatNumbers | undefined;
}

/** A work tree on disk: what counts in it, what stands in it, what changed. */
export class DiskTree {
  readonly root: string;
  readonly listing: Listing;
  readonly marks: FileMarks;
  /** Files that an earlier run has read and that have not been touched since; their marks are not known here. */
  readonly carried: CarriedFiles;

  constructor(root: string, listing: Listing, carried: CarriedFiles = new Map<string, StatNumbers>()) {
    this.root = root;
    this.listing = listing;
    this.carried = carried;
    this.marks = new FileMarks(root);
  }

  /** @param outputDirs root-relative directories that tasks will write: asked about once, before any task does */
  static async open(root: string, env: Environment, outputDirs: readonly string[]): Promise<DiskTree> {
    const listing = await Listing.open(root, env);
    listing.expect(outputDirs.map((dir) => `${dir}/`));
    return new DiskTree(root, listing);
  }

  inputs(selectors: readonly InputSelector[], except: ReadonlySet<string>): InputMarks {
    const look = (): Omit<InputMarks, "changed"> => this.#look(selectors, except);
    const seen = look();
    return { ...seen, changed: (outputs) => changedPaths(seen.marks, look().marks, outputs) };
  }

  text(path: string): string | null {
    let text: string | null = null;
    try {
      text = readFileSync(`${this.root}/${path}`, "utf8");
    } catch (error) {
      if (!isNoFile(error as NodeJS.ErrnoException)) throw error;
    }
    return text;
  }

  /** A `node_modules` in a directory that git ignores was built; in one that git keeps, it was installed. */
  outputs(spec: Globs): OutputStamps {
    const walked = walkGlobs(this.root, spec, (dir) => this.listing.ignores(dir));
    return new OutputStamps(this.root, walked.paths);
  }

  inPlace(outputs: readonly StampedPath[]): boolean {
    return outputs.every((output) => this.#isSame(output));
  }

  unchanged<T extends StampedPath>(outputs: readonly T[]): readonly T[] {
    return outputs.filter(
      (output) => this.#isSame(output) && this.listing.tracked(output.path) === undefined,
    );
  }

  remove(outputs: readonly StampedPath[]): void {
    const dirs = new Set<string>();
    for (const { path } of outputs) {
      ignoringAbsence(() => unlinkSync(`${this.root}/${path}`));
      dirs.add(splitPath(path)[0]);
    }
    for (const dir of [...dirs].toSorted((a, b) => b.length - a.length)) removeEmpty(this.root, dir);
  }

  counts(path: string): boolean {
    return this.listing.counts(path);
  }

  async settled(): Promise<void> {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, stampTickMs);
    });
  }

  namesIn(dir: string): string[] {
    try {
      const entries = readdirSync(dir === "" ? this.root : `${this.root}/${dir}`, { withFileTypes: true });
      return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    } catch {
      return [];
    }
  }

  #isSame({ path, stamp }: StampedPath): boolean {
    const stat = lstatSync(`${this.root}/${path}`, { throwIfNoEntry: false });
    return stat !== undefined && stampOf(stat) === stamp;
  }

  #look(selectors: readonly InputSelector[], except: ReadonlySet<string>): Omit<InputMarks, "changed"> {
    const found = new Set<string>();
    const dirs = new Set<string>();
    const absent = new Set<string>();
    for (const selector of selectors) {
      if (selector.ignored === "include") {
        const walked = walkGlobs(this.root, selector);
        for (const path of walked.paths) found.add(path);
        for (const dir of walked.dirs) dirs.add(dir);
        for (const path of walked.absent) absent.add(path);
      } else {
        for (const path of this.#listed(selector, dirs)) found.add(path);
      }
    }
    const marks = this.#marksOf([...found].toSorted(), except, absent);
    return { marks, dirs, absent };
  }

  #listed({ include, exclude }: Globs, seen: Set<string>): string[] {
    const isOut = exclude.length > 0 ? picomatch([...exclude], { dot: true }) : () => false;
    return include.flatMap((glob) => {
      const { base, rest } = splitGlob(glob);
      if (rest === "" && this.listing.has(base, seen)) return isOut(base) ? [] : [base];
      const matches =
        rest === "" || rest === "**" || rest === "**/*" ? () => true : picomatch(glob, { dot: true });
      return this.listing.below(base, seen).filter((path) => matches(path) && !isOut(path));
    });
  }

  #marksOf(
    paths: readonly string[],
    except: ReadonlySet<string>,
    absent: Set<string>,
  ): Record<string, string> {
    const marks: Record<string, string> = {};
    for (const path of paths) {
      if (except.has(path)) continue;
      const commit = this.listing.tracked(path);
      const mark = commit ? `commit:${commit}` : this.marks.mark(path);
      if (mark === null) absent.add(path);
      else marks[path] = mark;
    }
    return marks;
  }
}

function isNoFile({ code }: NodeJS.ErrnoException): boolean {
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
}

function removeEmpty(root: string, dir: string): void {
  for (let at = dir; at !== ""; at = splitPath(at)[0]) {
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
