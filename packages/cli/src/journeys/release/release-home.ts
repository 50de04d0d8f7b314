import { replaceDurably } from "@slipway/host";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where releases of a repository are kept: in git's common directory, where no work tree sees it. */
export interface ReleaseHome {
  readonly lock: string;
  folderOf(id: string): string;
  journalOf(id: string): string;
  /** The release that was begun and has not ended; null when there is none. */
  current(): Promise<string | null>;
  /** An earlier journal of a release of this id is kept beside the new one. */
  begin(id: string): Promise<void>;
  /** Throws the tarballs away; plan and journal stay, for a rollback. */
  end(id: string): Promise<void>;
  /** The newest release that was begun here. */
  last(): Promise<string | null>;
  /** The commit whose checkout was clean when its release was prepared. */
  cleanCommit(): Promise<string | null>;
  rememberClean(commit: string): Promise<void>;
}

export async function openReleaseHome(commonDir: string): Promise<ReleaseHome> {
  const home = join(commonDir, "slipway");
  const releases = join(home, "releases");
  await mkdir(releases, { recursive: true });
  const word = async (name: string): Promise<string | null> => {
    try {
      return (await readFile(join(home, name), "utf8")).trim() || null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  };
  const folderOf = (id: string): string => join(releases, id);
  return {
    lock: join(home, "release-lock"),
    folderOf,
    journalOf: (id) => join(folderOf(id), "journal.jsonl"),
    current: () => word("current-release"),
    begin: async (id) => {
      await setAside(join(folderOf(id), "journal.jsonl"));
      await replaceDurably(join(home, "last-release"), `${id}\n`);
      await replaceDurably(join(home, "current-release"), `${id}\n`);
    },
    end: async (id) => {
      await rm(join(home, "current-release"), { force: true });
      await rm(join(folderOf(id), "tarballs"), { recursive: true, force: true });
    },
    last: () => word("last-release"),
    cleanCommit: () => word("clean-commit"),
    rememberClean: (commit) => replaceDurably(join(home, "clean-commit"), `${commit}\n`),
  };
}

/** A release that was aborted or ended left its journal; a new one under the same id starts its own. */
async function setAside(journal: string): Promise<void> {
  for (let number = 1; existsSync(journal); number++) {
    const aside = journal.replace(/\.jsonl$/, `.${number}.jsonl`);
    if (!existsSync(aside)) await rename(journal, aside);
  }
}
