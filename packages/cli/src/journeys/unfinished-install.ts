import { filesAnInstallEdits, findGitDirs, readText, replaceDurably, replaceText } from "@slipway/host";
import { isRecord } from "@slipway/kernel";
import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

interface Note {
  /** Of the checkout in which it began. */
  readonly commit: string;
  /** What the files said that a manager may edit meanwhile; null: not there. */
  readonly texts: Readonly<Record<string, string | null>>;
}

/**
 * A note in the work tree's git directory while Slipway installs its dependencies. It stays where the install failed or was
 * killed: node_modules is there then, and not whole.
 */
export interface UnfinishedInstall {
  /** When it began, or failed; null: there is none. */
  sinceMs(): number | null;
  begin(commit: string): Promise<void>;
  /** It failed and put its edits back itself. */
  failed(): Promise<void>;
  end(): Promise<void>;
  /**
   * Puts back what a killed install had edited in the checkout of a commit; at another one the files are others.
   *
   * @returns the files, and where the text is that each had.
   */
  putBack(commit: string): Promise<readonly { readonly file: string; readonly keptIn: string }[]>;
}

export function unfinishedInstall(root: string): UnfinishedInstall {
  const gitDir = findGitDirs(root)?.gitDir ?? root;
  const path = join(gitDir, "slipway-install");
  const write = (note: Note): Promise<void> => replaceDurably(path, JSON.stringify(note));
  return {
    sinceMs: () => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null,
    begin: async (commit) => {
      const texts = filesAnInstallEdits.map(
        async (file) => [file, await readText(join(root, file))] as const,
      );
      await write({ commit, texts: Object.fromEntries(await Promise.all(texts)) });
    },
    failed: () => write({ commit: "", texts: {} }),
    end: () => rm(path, { force: true }),
    putBack: async (commit) => {
      const note = readNote(await readText(path));
      const put: { file: string; keptIn: string }[] = [];
      for (const [file, before] of note?.commit === commit ? Object.entries(note.texts) : []) {
        const now = await readText(join(root, file));
        if (now === before || now === null) continue;
        const keptIn = `${path}-${file}`;
        await replaceDurably(keptIn, now);
        await (before === null ? rm(join(root, file)) : replaceText(join(root, file), before));
        put.push({ file, keptIn });
      }
      return put;
    },
  };
}

/** Null: nothing was edited before the note was whole. */
function readNote(text: string | null): Note | null {
  try {
    const read: unknown = JSON.parse(text ?? "null");
    return isRecord(read) && isRecord(read["texts"]) ? (read as unknown as Note) : null;
  } catch {
    return null;
  }
}
