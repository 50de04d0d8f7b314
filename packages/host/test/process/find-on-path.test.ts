import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findOnPath } from "@slipway/host";

const root = mkdtempSync(join(tmpdir(), "slipway-path-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a program is the first executable file on PATH; what cannot be looked at is passed over", () => {
  for (const folder of ["plain", "folder/tool", "good", "later"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "plain/tool"), "", { mode: 0o644 });
  writeFileSync(join(root, "a-file"), "");
  symlinkSync("loop", join(root, "loop"));
  for (const folder of ["good", "later"]) writeFileSync(join(root, folder, "tool"), "", { mode: 0o755 });
  const path = [
    "",
    ...["missing", "a-file", "loop", "plain", "folder", "good", "later"].map((name) => join(root, name)),
  ];
  expect(findOnPath("tool", path.join(delimiter))).toBe(join(root, "good/tool"));
  expect(findOnPath("no-tool", path.join(delimiter))).toBeNull();
});
