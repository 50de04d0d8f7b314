import { readFileSync } from "node:fs";
import type { GitDirs } from "./git-common-dir.ts";
import { lookBehind } from "./tree/look-at.ts";

const objectName = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** Names that mean nothing but what the refs say: no `@{...}`, no `:`, no parent. */
const plainName = /^[A-Za-z0-9_](?:[A-Za-z0-9._/-]*[A-Za-z0-9_])?$/;
/** One that leads to another that leads to a third is a mistake. */
const linksMax = 3;

/**
 * What git's refs say, read from git's own files without a process. `undefined` wherever these do not say it beyond doubt:
 * then git has to be asked.
 */
export class NearRefs {
  readonly #dirs: GitDirs;
  #packed: string | null = null;

  /** Null where refs are kept in another way than as files. */
  static of(dirs: GitDirs): NearRefs | null {
    return isThere(`${dirs.commonDir}/reftable`) ? null : new NearRefs(dirs);
  }

  private constructor(dirs: GitDirs) {
    this.#dirs = dirs;
  }

  /** The commit that HEAD is at. */
  head(): string | undefined {
    const { gitDir } = this.#dirs;
    const text = textOf(`${gitDir}/HEAD`);
    if (text === null) return undefined;
    const to = linkIn(text);
    if (to === null) return objectIn(text);
    return (isShared(to) ? this.#commitAt(to, 0) : undefined) ?? undefined;
  }

  /** What a name means; null where there is none of that name. */
  commitOf(name: string): string | null | undefined {
    if (objectName.test(name)) return name;
    if (!plainName.test(name) || name.includes("..") || name.includes("//")) return undefined;
    if (isShared(name)) return this.#commitAt(name, 0);
    const { gitDir, commonDir } = this.#dirs;
    // Whatever stands before branches in git's order of what a name may mean.
    const before = [`${gitDir}/${name}`, `${commonDir}/${name}`, `${commonDir}/refs/${name}`];
    if (before.some(isThere) || this.#has(`refs/${name}`) || this.#has(`refs/tags/${name}`)) return undefined;
    for (const ref of [`refs/heads/${name}`, `refs/remotes/${name}`, `refs/remotes/${name}/HEAD`]) {
      const commit = this.#commitAt(ref, 0);
      if (commit !== null) return commit;
    }
    // It may be the beginning of an object's name.
    return undefined;
  }

  /** The branch that `refs/remotes/origin/HEAD` leads to, as git shortens it; null where it leads nowhere. */
  symbolicRef(ref: string): string | null | undefined {
    if (!isShared(ref)) return undefined;
    const text = textOf(`${this.#dirs.commonDir}/${ref}`);
    if (text === null) return this.#inPacked(ref) === null ? null : undefined;
    const to = linkIn(text);
    if (to === null) return undefined;
    const short = to.replace(/^refs\/(?:heads|remotes)\//, "");
    const isOnly = plainName.test(short) && this.commitOf(short) === this.#commitAt(to, 0);
    const others = [`refs/${short}`, `refs/tags/${short}`, `refs/heads/${short}`, `refs/remotes/${short}`];
    const isAlone = others.every((other) => other === to || !this.#has(other));
    return isOnly && isAlone ? short : undefined;
  }

  /** False: something may say that history is another than the commits say. */
  isPlainHistory(): boolean {
    const { commonDir } = this.#dirs;
    const more = [`${commonDir}/shallow`, `${commonDir}/info/grafts`, `${commonDir}/refs/replace`];
    return !more.some(isThere) && !this.#packedText().includes(" refs/replace/");
  }

  #has(ref: string): boolean {
    return isThere(`${this.#dirs.commonDir}/${ref}`) || this.#inPacked(ref) !== null;
  }

  #commitAt(ref: string, links: number): string | null | undefined {
    const text = textOf(`${this.#dirs.commonDir}/${ref}`);
    if (text === null) return this.#inPacked(ref);
    const to = linkIn(text);
    if (to === null) return objectIn(text);
    return links < linksMax && isShared(to) ? this.#commitAt(to, links + 1) : undefined;
  }

  #inPacked(ref: string): string | null {
    const text = this.#packedText();
    const at = text.indexOf(` ${ref}\n`);
    if (at === -1) return null;
    const name = text.slice(text.lastIndexOf("\n", at) + 1, at);
    return objectName.test(name) ? name : null;
  }

  #packedText(): string {
    return (this.#packed ??= textOf(`${this.#dirs.commonDir}/packed-refs`) ?? "");
  }
}

/** Of branches, which are commits and which all work trees share. */
function isShared(ref: string): boolean {
  return /^refs\/(?:heads|remotes)\/./.test(ref) && plainName.test(ref) && !ref.includes("..");
}

function objectIn(text: string): string | undefined {
  const name = text.trimEnd();
  return objectName.test(name) ? name : undefined;
}

function linkIn(text: string): string | null {
  return /^ref:\s*(\S+)\s*$/.exec(text)?.[1] ?? null;
}

function isThere(path: string): boolean {
  return lookBehind(path) !== undefined;
}

/** Null for what is no file: a branch `a/b` makes a directory of `a`. */
function textOf(path: string): string | null {
  return lookBehind(path)?.isFile() ? readFileSync(path, "latin1") : null;
}
