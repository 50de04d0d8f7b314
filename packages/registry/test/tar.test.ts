import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzip, readTar, writeTar } from "@slipway/registry";
import fc from "fast-check";
import { expect, test } from "vitest";

const segment = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((text) => !/[\0/]/.test(text) && !/^\.\.?$/.test(text));
const entries = fc.uniqueArray(
  fc.record({
    path: fc
      .array(segment, { minLength: 1, maxLength: 8 })
      .map((segments) => `package/${segments.join("/")}`),
    mode: fc.constantFrom(0o644, 0o755),
    bytes: fc.uint8Array({ maxLength: 2_000 }),
  }),
  { selector: (entry) => entry.path, maxLength: 12 },
);

test("what is written is read again", () => {
  fc.assert(
    fc.property(entries, (written) => {
      const read = readTar(writeTar(written)).map((entry) => ({
        ...entry,
        bytes: Uint8Array.from(entry.bytes),
      }));
      expect(read).toEqual(written);
    }),
    { numRuns: 300 },
  );
});

test("an archive that is cut off or damaged is never read as a whole one", () => {
  const tar = writeTar([{ path: "package/a", mode: 0o644, bytes: Buffer.from("a".repeat(700)) }]);
  for (const end of [0, 100, 512, 1_000, 1_024, 1_536]) expect(() => readTar(tar.subarray(0, end))).toThrow();
  for (const at of [0, 100, 124, 150, 200, 345]) {
    const damaged = Uint8Array.from(tar);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect(() => readTar(damaged)).toThrow("checksum");
  }
});

test("the system's tar agrees on names, modes, sizes and time", () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-tar-"));
  try {
    const long = `package/${"long/".repeat(60)}end.txt`;
    const tar = writeTar([
      { path: "package/bin/run", mode: 0o755, bytes: Buffer.from("x") },
      { path: long, mode: 0o644, bytes: Buffer.from("y") },
    ]);
    writeFileSync(join(dir, "a.tgz"), gzip(tar));
    const listing = execFileSync("tar", ["tvzf", join(dir, "a.tgz")], {
      encoding: "utf8",
      env: { ...process.env, TZ: "UTC" },
    });
    const lines = listing.trim().split("\n");
    expect(lines[0]).toMatch(/^-rwxr-xr-x 0\/0\s+1 1985-10-26 08:15 package\/bin\/run$/);
    expect(lines[1]).toBe(lines[1]?.replace(/package\/.*/, long));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
