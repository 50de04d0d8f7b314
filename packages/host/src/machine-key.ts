import { createHmac, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ensureDir } from "./ensure-dir.ts";

/**
 * Digests that only this machine can compute. Of a short secret a plain SHA-256 tells the value to whoever tries all of
 * them; these tell nothing without the key, which is made when it is first needed and leaves its place never.
 */
export class MachineKey {
  readonly #path: string;
  #key: Buffer | null = null;

  /** @param path absolute; readable by its owner alone */
  constructor(path: string) {
    this.#path = path;
  }

  digest(text: string): string {
    this.#key ??= readOrMake(this.#path);
    return createHmac("sha256", this.#key).update(text).digest("hex");
  }
}

const keyBytes = 32;

function readOrMake(path: string): Buffer {
  const there = read(path);
  if (there) return there;
  const made = randomBytes(keyBytes);
  try {
    ensureDir(dirname(path));
    writeFileSync(path, made, { flag: "wx", mode: 0o600 });
    return made;
  } catch {
    // Another process was faster; or nothing can be kept here, and then nobody will compare.
    return read(path) ?? made;
  }
}

/** Null also for one that was cut off. */
function read(path: string): Buffer | null {
  try {
    const key = readFileSync(path);
    return key.length === keyBytes ? key : null;
  } catch {
    return null;
  }
}
