import type { Environment } from "../git.ts";
import { ignoredByRules } from "./git-ignored.ts";
import { IgnoreRules } from "./ignore-rules.ts";

export interface IgnoredPathsOptions {
  /** Absolute root of the work tree. */
  readonly root: string;
  readonly env: Environment;
  /** Directories that are git repositories of their own. */
  readonly nested: readonly string[];
  /** Directories in which the same names may be expected. */
  readonly dirs: () => Iterable<string>;
  /** True: git tracks the path or something below it; then no rule makes it ignored. */
  readonly isTracked: (path: string) => boolean;
  /** False: there is no git to ask, so the files themselves are read. */
  readonly isGit: boolean;
}

/** In more directories than this a name is asked about one by one. */
const aheadMax = 50_000;

/**
 * What git ignores, asked as seldom as possible: a name that turns up in a second directory, as `.turbo` or `coverage`
 * do, is asked about in all directories at once. Paths that end in a slash are directories, there or not.
 */
export class IgnoredPaths {
  readonly #options: IgnoredPathsOptions;
  readonly #rules: IgnoreRules | null;
  readonly #known = new Map<string, boolean>();
  readonly #names = new Map<string, "met" | "asked everywhere">();

  constructor(options: IgnoredPathsOptions) {
    this.#options = options;
    this.#rules = options.isGit ? null : new IgnoreRules(options.root);
  }

  /** Those that are ignored, as they were asked. */
  among(paths: readonly string[]): string[] {
    const rules = this.#rules;
    if (rules) return paths.filter((path) => rules.ignores(path));
    const unknown = paths.filter((path) => !this.#known.has(path));
    if (unknown.length > 0) {
      const ahead = unknown.flatMap((path) => this.#elsewhere(path));
      if (ahead.length === 0 || !this.#ask([...new Set([...unknown, ...ahead])])) this.ask(unknown);
    }
    return paths.filter((path) => this.#known.get(path));
  }

  /** Asks about these and no others. */
  ask(paths: readonly string[]): void {
    if (this.#rules) return;
    if (!this.#ask(paths)) for (const path of paths) if (!this.#ask([path])) this.#known.set(path, false);
  }

  #elsewhere(path: string): string[] {
    const name = /[^/]*\/?$/.exec(path)?.[0] ?? path;
    const state = this.#names.get(name);
    if (state === "asked everywhere") return [];
    this.#names.set(name, state === "met" ? "asked everywhere" : "met");
    if (state === undefined) return [];
    const dirs = [...this.#options.dirs()];
    return dirs.length > aheadMax ? [] : dirs.map((dir) => (dir === "" ? name : `${dir}/${name}`));
  }

  #ask(paths: readonly string[]): boolean {
    const untracked = paths.filter((path) => !this.#options.isTracked(path));
    const ignored = this.#ignoredAmong(untracked);
    if (!ignored) return false;
    for (const path of paths) this.#known.set(path, false);
    for (const path of ignored) this.#known.set(path, true);
    return true;
  }

  /** Each repository is asked about what lies in it. */
  #ignoredAmong(paths: readonly string[]): readonly string[] | null {
    const { root, env, nested } = this.#options;
    const byHolder =
      nested.length === 0 ? new Map([["", paths]]) : Map.groupBy(paths, (path) => holderOf(path, nested));
    const ignored: string[] = [];
    for (const [holder, held] of byHolder) {
      if (held.length === 0) continue;
      const prefix = holder === "" ? "" : `${holder}/`;
      const own = held.map((path) => path.slice(prefix.length));
      const answer = ignoredByRules(holder === "" ? root : `${root}/${holder}`, own, env);
      if (!answer) return null;
      for (const path of answer) ignored.push(prefix + path);
    }
    return ignored;
  }
}

/** The innermost repository that a path lies in; `""` is the one around all. */
function holderOf(path: string, nested: readonly string[]): string {
  return nested.reduce(
    (found, dir) =>
      path.startsWith(`${dir}/`) && path !== `${dir}/` && dir.length > found.length ? dir : found,
    "",
  );
}
