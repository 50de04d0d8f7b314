import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bytesOf } from "../src/tree/bytes-of.ts";

const dir = mkdtempSync(join(tmpdir(), "slipway-bytes-"));
const path = join(dir, "file");

afterAll(() => rmSync(dir, { recursive: true }));

describe("a file's bytes are all of them", () => {
  const room = 64 * 1024;

  test.for([
    ["empty", 0, 0],
    ["as large as it was seen", 1000, 1000],
    ["grown since it was seen", 10, 1000],
    ["grown beyond the room since it was seen", 10, room + 5],
    ["cut since it was seen", 1000, 10],
    ["as large as the room", room, room],
    ["larger than the room", 3 * room, 3 * room],
    ["cut into the room since it was seen", 3 * room, 10],
  ] as const)("%s", ([, seenBytes, bytes]) => {
    const content = Buffer.alloc(bytes, "abcdefghijk");
    writeFileSync(path, content);
    expect(bytesOf(path, seenBytes).equals(content)).toBe(true);
  });
});
