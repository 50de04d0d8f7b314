import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, rmdirSync, unlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import picomatch from "picomatch";
import type { Environment } from "../git.ts";
import { FileMarks, unreadableMark } from "./file-marks.ts";
import { changedPaths, type InputMarks } from "./input-marks.ts";
import { Listing, splitPath } from "./listing.ts";
import { OutputStamps } from "./output-stamps.ts";
import { settlingMs, stampOf } from "./stamps.ts";
import { splitGlob, walkGlobs, type Globs } from "./walk.ts";
import { lookAt, lookBehind } from "./look-at.ts";

export interface InputSelector extends Globs {
  /** `respect`: files that git ignores do not count; `include`: they do. */
  readonly ignored: "respect" | "include";
}

export interface StampedPath {
  readonly path: string;
  readonly stamp: string;
}

export interface TreeDirs {
  readonly outputs: readonly string[];
  readonly tasks: readonly string[];
}

/** A work tree on disk: what counts in it, what stands in it, what changed. */
export class DiskTree {
  readonly root: string;
  readonly listing: Listing;
  readonly marks: FileMarks;

  constructor(root: string, listing: Listing) {
    this.root = root;
    this.listing = listing;
    this.marks = new FileMarks(root);
  }

  /**
   * @param dirs.outputs root-relative directories that tasks will write: asked about once, before any task does
   * @param dirs.tasks directories that tasks belong to
   */
  static async open(root: string, env: Environment, dirs: TreeDirs): Promise<DiskTree> {
    const listing = await Listing.open(root, env, dirs.tasks);
    listing.expect(dirs.outputs.map((dir) => `${dir}/`));
    return new DiskTree(root, listing);
  }

  inputs(selectors: readonly InputSelector[], except: ReadonlySet<string>): InputMarks {
    const look = (): Omit<InputMarks, "changed"> => this.#look(selectors, except);
    const seen = look();
    return { ...seen, changed: (outputs) => changedPaths(seen, look(), outputs) };
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
    return new OutputStamps(this.root, walked);
  }

  inPlace(outputs: readonly StampedPath[]): boolean {
    return outputs.every((output) => this.#isSame(output));
  }

  unchanged<T extends StampedPath>(outputs: readonly T[]): readonly T[] {
    return outputs.filter(
      (output) => this.#isSame(output) && this.listing.tracked(output.path) === undefined,
    );
  }

  remove(outputs: readonly Pick<StampedPath, "path">[]): void {
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

  hides(dir: string): boolean {
    return dir !== "" && this.listing.hides(dir);
  }

  async settled(): Promise<void> {
    const ms = settlingMs(lookAt(this.root), Date.now());
    await new Promise<void>((resolve) => {
      setTimeout(resolve, ms);
    });
  }

  namesIn(dir: string): string[] {
    const path = dir === "" ? this.root : `${this.root}/${dir}`;
    // Often it is not there, and an error is made much slower than an answer.
    if (!lookBehind(path)) return [];
    try {
      const entries = readdirSync(path, { withFileTypes: true });
      return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    } catch {
      return [];
    }
  }

  #isSame({ path, stamp }: StampedPath): boolean {
    const stat = lookAt(`${this.root}/${path}`);
    return stat !== undefined && stampOf(stat) === stamp;
  }

  #look(selectors: readonly InputSelector[], except: ReadonlySet<string>): Omit<InputMarks, "changed"> {
    const found = new Set<string>();
    const dirs = new Set<string>();
    const absent = new Set<string>();
    for (const selector of selectors) {
      if (selector.ignored === "include") {
        const walkedMs = Date.now();
        const walked = walkGlobs(this.root, selector);
        for (const path of walked.paths) found.add(path);
        for (const dir of walked.dirs) {
          dirs.add(dir);
          this.listing.wasRead(dir, walkedMs);
        }
        for (const path of walked.absent) absent.add(path);
      } else {
        for (const path of this.#listed(selector, dirs)) found.add(path);
      }
    }
    // Without a prototype it is a table from the start: paths are keys that no other object has.
    const marks = Object.create(null) as Record<string, string>;
    const seen = { marks, dirs, absent, except, unreadable: [] };
    this.#take([...found].toSorted(), seen);
    return seen;
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

  /** What a link leads to is what a task reads: it counts as the link does. */
  #take(paths: readonly string[], seen: Taken): void {
    const { marks, absent, except, unreadable } = seen;
    for (const path of paths) {
      if (except.has(path) || Object.hasOwn(marks, path)) continue;
      const commit = this.listing.tracked(path);
      const mark = commit ? `commit:${commit}` : this.marks.mark(path);
      if (mark === unreadableMark || (mark === null && path.includes(replacement))) {
        unreadable.push(path);
        // What it holds may be anything: nothing that was ever made of it is known to be the same.
        marks[path] = `${unreadableMark}:${randomUUID()}`;
        continue;
      }
      if (mark === null) absent.add(path);
      else marks[path] = mark;
      if (mark?.startsWith("link:")) this.#take(this.#behind(path, seen.dirs), seen);
    }
  }

  #behind(link: string, dirs: Set<string>): readonly string[] {
    const to = leadsTo(this.root, link);
    if (to === null) return [];
    const isOutside = to === ".." || to.startsWith("../");
    // Built or installed: the task that makes it counts, or the lockfile.
    if (!isOutside && this.listing.ignores(splitPath(to)[0])) return [];
    if (!lookAt(`${this.root}/${to}`)?.isDirectory()) return [to];
    // Outside of the tree nobody says which files count; around the link itself are those that count anyway.
    if (isOutside || `${link}/`.startsWith(to === "" ? "" : `${to}/`)) return [];
    return this.listing.below(to, dirs);
  }
}

/** What stands for bytes of a file's name that are no UTF-8: by such a name it cannot be opened. */
const replacement = "\ufffd";

interface Taken {
  readonly marks: Record<string, string>;
  readonly dirs: Set<string>;
  readonly absent: Set<string>;
  readonly except: ReadonlySet<string>;
  readonly unreadable: string[];
}

/** Where a link points to, relative to the root; null when it is none any more. */
function leadsTo(root: string, path: string): string | null {
  try {
    const target = readlinkSync(`${root}/${path}`);
    return relative(root, target.startsWith("/") ? target : join(root, dirname(path), target));
  } catch {
    return null;
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
    if (!isNoFile(error as NodeJS.ErrnoException)) throw error;
  }
}
