import { mkdir, open, readFile, rename, type FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** A file that is only appended to. What an append wrote is on the disk when it returns. */
export interface JournalFile {
  /** Its path. */
  readonly name: string;
  read(): Promise<string>;
  append(text: string): Promise<void>;
  /** Shortens the file to `sound`, which must be its beginning. */
  cut(sound: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens or makes a journal. A new file is on the disk, with its name in its directory, before this returns. */
export async function openJournalFile(path: string): Promise<JournalFile> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "a+");
  await file.sync();
  await syncDirectory(dirname(path));
  await syncDirectory(dirname(dirname(path)));
  return {
    name: path,
    read: () => readFile(path, "utf8"),
    append: (text) => appendDurably(file, text),
    cut: async (sound) => {
      await file.truncate(Buffer.byteLength(sound));
      await file.sync();
    },
    close: () => file.close(),
  };
}

/** A name in a directory survives a power cut only once the directory itself was written. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Writes a file whole or not at all, durably. */
export async function replaceDurably(path: string, content: string | Uint8Array): Promise<void> {
  const fresh = `${dirname(path)}/.${basename(path)}.${process.pid}`;
  const file = await open(fresh, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  await syncDirectory(dirname(path));
}

async function appendDurably(file: FileHandle, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at);
    at += bytesWritten;
  }
  await file.datasync();
}
