import { registryClient } from "@slipway/registry";
import { FaultRegistry } from "@slipway/testkit";
import { execFileSync } from "node:child_process";
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
  const bin = fakeNpm(`echo call >> calls\n[ "$(wc -l < calls)" -gt 1 ] && exit 0\n${first}`);

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

test("where npm finds no way among peers, those that are required are named", async () => {
  mkdirSync(join(folder, "package"));
  const peerDependencies = { host: ">=19 <19.3", maybe: "*" };
  const manifest = {
    name: "a",
    version: "1.0.0",
    peerDependencies,
    peerDependenciesMeta: { maybe: { optional: true } },
  };
  writeFileSync(join(folder, "package/package.json"), JSON.stringify(manifest));
  const tarball = execFileSync("tar", ["-cz", "-C", folder, "package"]);
  const registry = new FaultRegistry();
  registry.plant({ name: "a", version: "1.0.0", tarball, manifest });
  const listening = await registry.listen();
  try {
    const ports = gatePorts({
      staging: registryClient({ url: listening.url, auth: null }),
      folder,
      env: {
        PATH: `${fakeNpm('echo "$2|$3" >> calls; case "$3" in host*) exit 0;; esac; echo "npm error code ERESOLVE" >&2; exit 1')}:${process.env["PATH"]}`,
      },
      before: {},
    });
    expect((await ports.install("a", "1.0.0")).ok).toBe(true);
    const calls = readFileSync(join(folder, "install-0/calls"), "utf8").trim().split("\n");
    expect(calls).toEqual(["a@1.0.0|--no-audit", "a@1.0.0|host@>=19 <19.3"]);
  } finally {
    await listening.close();
  }
});

function fakeNpm(script: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "npm"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, "npm"), 0o755);
  return bin;
}
