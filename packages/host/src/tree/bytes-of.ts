import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** Room for a file of usual size: thousands are read in a run, and what is read into it need not be collected. */
const room = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The bytes of a file whose size was seen a moment ago. They may stand in a room that the next call uses again: who wants
 * to keep them copies them.
 */
export function bytesOf(path: string, sizeBytes: number): Buffer {
  if (sizeBytes >= room.length) return readFileSync(path);
  const file = openSync(path, "r");
  let length: number;
  try {
    length = readSync(file, room, 0, room.length, 0);
  } finally {
    closeSync(file);
  }
  // Of another size than it was: only a second look can tell where it ends.
  return length === sizeBytes ? room.subarray(0, length) : readFileSync(path);
}
