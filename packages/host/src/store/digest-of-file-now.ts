import { createHash, hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { bytesOf } from "../tree/bytes-of.ts";

const pieceBytes = 8 * 1024 * 1024;

/** SHA-256 of a file at once; a large one is read in pieces, since Node reads none above 2 GiB whole. */
export function digestOfFileNow(path: string, sizeBytes: number): string {
  if (sizeBytes <= pieceBytes) return hash("sha256", bytesOf(path, sizeBytes), "hex");
  const digest = createHash("sha256");
  const piece = Buffer.allocUnsafe(pieceBytes);
  const file = openSync(path, "r");
  try {
    for (;;) {
      const read = readSync(file, piece);
      if (read === 0) return digest.digest("hex");
      digest.update(piece.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}
