import { filesAnInstallEdits, findGitDirs, readText, replaceDurably, replaceText } from "@slipway/host";
import { isRecord } from "@slipway/kernel";
import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

/** What the files said that a manager may edit meanwhile; null: not there. */
type Texts = Readonly<Record<string, string | null>>;

/**
 * A note in the work tree's git directory while Slipway installs its dependencies. It stays where the install failed or was
 * killed: node_modules is there then, and not whole.
 */
export interface UnfinishedInstall {
  /** When it began, or failed; null: there is none. */
  sinceMs(): number | null;
  begin(): Promise<void>;
  /** It failed and put its edits back itself. */
  failed(): Promise<void>;
  end(): Promise<void>;
  /**
   * Puts back what a killed install had edited.
   *
   * @returns the files, and where the text is that each had.
   */
  putBack(): Promise<readonly { readonly file: string; readonly keptIn: string }[]>;
}

export function unfinishedInstall(root: string): UnfinishedInstall {
  const gitDir = findGitDirs(root)?.gitDir ?? root;
  const path = join(gitDir, "slipway-install");
  const write = (texts: Texts): Promise<void> => replaceDurably(path, JSON.stringify(texts));
  return {
    sinceMs: () => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null,
    begin: async () => {
      const texts = filesAnInstallEdits.map(
        async (file) => [file, await readText(join(root, file))] as const,
      );
      await write(Object.fromEntries(await Promise.all(texts)));
    },
    failed: () => write({}),
    end: () => rm(path, { force: true }),
    putBack: async () => {
      const put: { file: string; keptIn: string }[] = [];
      for (const [file, before] of Object.entries(readTexts(await readText(path)))) {
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

function readTexts(text: string | null): Texts {
  try {
    const read: unknown = JSON.parse(text ?? "{}");
    return isRecord(read) ? (read as Texts) : {};
  } catch {
    // Nothing was edited before the note was whole.
    return {};
  }
}
