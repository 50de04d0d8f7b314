import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { digestOfFileNow } from "../src/store/digest-of-file-now.ts";

const dir = mkdtempSync(join(tmpdir(), "slipway-large-"));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

// One of more than 2 GiB, which Node reads in no other way, takes seconds.
test("a file that is read in pieces has the digest of its bytes", () => {
  const bytes = Buffer.alloc(17 * 1024 * 1024 + 1, "slipway");
  writeFileSync(join(dir, "pieces"), bytes);
  const digest = createHash("sha256").update(bytes).digest("hex");
  expect(digestOfFileNow(join(dir, "pieces"), bytes.length)).toBe(digest);
});
