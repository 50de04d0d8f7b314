import { registryClient } from "@slipway/registry";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { gatePorts } from "../../src/wire/gate-ports.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "slipway-gates-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  { first: "sleep 60", ok: true, calls: 2 },
  { first: "exit 1", ok: false, calls: 1 },
  { first: "true", ok: true, calls: 1 },
])("an install is tried once more where it took too long: $first", async ({ first, ok, calls }) => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const script = `#!/bin/sh\necho call >> calls\n[ "$(wc -l < calls)" -gt 1 ] && exit 0\n${first}\n`;
  writeFileSync(join(bin, "npm"), script);
  chmodSync(join(bin, "npm"), 0o755);

  const ports = gatePorts({
    staging: registryClient({ url: "http://127.0.0.1:1/", auth: null }),
    folder,
    env: { PATH: `${bin}:${process.env["PATH"]}` },
    before: {},
    installTimeoutMs: 1_500,
  });
  expect((await ports.install("a", "1.0.0")).ok).toBe(ok);
  expect(readFileSync(join(folder, "install-0/calls"), "utf8")).toBe("call\n".repeat(calls));
});
