import type { DiskTree } from "../tree/disk-tree.ts";
import type { KnownListing, ListedDirectory } from "../tree/listing.ts";
import { lookAt } from "../tree/look-at.ts";
import type { HotSince, KeptDirectory } from "./hot-since.ts";

interface KeptListing {
  readonly dirs: readonly (readonly [path: string, dir: KeptDirectory])[];
  readonly tracked: string;
  readonly submodules: readonly (readonly [path: string, commit: string | null])[];
  readonly nested: readonly string[];
  readonly isGit: boolean;
}

/** JSON of what is known of the files that count, for a run that finds only some of them changed. */
export function collectListing(tree: DiskTree): string {
  const { listing } = tree;
  const dirs = [...listing.dirs.keys()].flatMap((path) => {
    const kept = keptDirectory(tree, path);
    return kept ? [[path, kept] as const] : [];
  });
  const submodules = [...listing.allTracked].filter(([, commit]) => commit !== null);
  const kept: KeptListing = {
    dirs,
    tracked: [...listing.allTracked.keys()].join("\0"),
    submodules,
    nested: listing.nested,
    isGit: listing.isGit,
  };
  return JSON.stringify(kept);
}

/** Where names came or went while the run went on, those that all have seen: any other is news to somebody. */
export function keptDirectory({ listing, root }: DiskTree, path: string): KeptDirectory | null {
  const dir = listing.dirs.get(path);
  if (!dir) return null;
  const unsteady = listing.unsteady(path);
  if (!unsteady && dir instanceof LateDirectory) return dir.keptIn(root, path);
  const { files, dirs, ignored } = unsteady ?? dir;
  return [
    dir.racy || unsteady ? null : dir.stat,
    [...files].join("\0"),
    [...dirs].join("\0"),
    presentIn(root, path, ignored).join("\0"),
  ];
}

/** What git ignores may be an input all the same, as a dotenv file is: what is not there now is news when it comes. */
function presentIn(root: string, dir: string, ignored: ReadonlySet<string>): string[] {
  const prefix = dir === "" ? root : `${root}/${dir}`;
  return [...ignored].filter((name) => lookAt(`${prefix}/${name}`) !== undefined);
}

/** The other way round. */
export function listingFrom(text: string, since: HotSince["listing"]): KnownListing {
  const kept = JSON.parse(text) as KeptListing;
  const tracked = new Map<string, string | null>();
  for (const path of names(kept.tracked)) tracked.set(path, null);
  for (const [path, commit] of kept.submodules) tracked.set(path, commit);
  const dirs = new Map<string, ListedDirectory>();
  for (const [path, dir] of kept.dirs) dirs.set(path, new LateDirectory(dir));
  for (const [path, dir] of since) {
    if (dir) dirs.set(path, new LateDirectory(dir));
    else dirs.delete(path);
  }
  // Asked of git before every directory: what is not known is asked for again.
  const { nested, isGit } = kept;
  return { start: { tracked, untracked: [], nested, listedMs: isGit ? 0 : null }, dirs };
}

/** Of thousands few are asked for their names. */
class LateDirectory implements ListedDirectory {
  readonly stat: ListedDirectory["stat"];
  readonly racy: boolean;
  readonly #kept: KeptDirectory;
  #files: Set<string> | null = null;
  #dirs: Set<string> | null = null;
  #ignored: Set<string> | null = null;

  constructor(kept: KeptDirectory) {
    [this.stat] = kept;
    this.racy = this.stat === null;
    this.#kept = kept;
  }

  /** As it was kept: nobody has read it since. */
  keptIn(root: string, path: string): KeptDirectory {
    const [stat, files, dirs] = this.#kept;
    return [stat, files, dirs, presentIn(root, path, this.ignored).join("\0")];
  }

  get files(): Set<string> {
    return (this.#files ??= new Set(names(this.#kept[1])));
  }

  get dirs(): Set<string> {
    return (this.#dirs ??= new Set(names(this.#kept[2])));
  }

  get ignored(): Set<string> {
    return (this.#ignored ??= new Set(names(this.#kept[3])));
  }
}

function names(text: string): string[] {
  return text === "" ? [] : text.split("\0");
}
