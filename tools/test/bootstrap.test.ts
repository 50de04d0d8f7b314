import { spawn, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const bootstrap = join(import.meta.dirname, "../bootstrap.mjs");

function bootstrapOn(platform: {
  readonly platform?: string;
  readonly arch?: string;
  readonly version?: string;
}) {
  const pretended = Object.entries(platform).map(([name, value]) =>
    name === "version"
      ? `Object.defineProperty(process.versions,"node",{value:"${value}"});`
      : `Object.defineProperty(process,"${name}",{value:"${value}"});`,
  );
  const argv = ["--import", `data:text/javascript,${pretended.join("")}`, bootstrap, "start"];
  return spawnSync(process.execPath, argv, { encoding: "utf8", cwd: tmpdir() });
}

test.each([{ arch: "riscv64" }, { platform: "darwin" }, { platform: "win32" }, { version: "16.20.2" }])(
  "a platform that the bootstrap does not cover gets one plain sentence: %o",
  (platform) => {
    const { status, stdout, stderr } = bootstrapOn(platform);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^slipway: this bootstrap (covers|needs) .+\.\n$/);
  },
);

test("an unknown command is answered with the known ones", () => {
  const { status, stderr } = spawnSync(process.execPath, [bootstrap, "launch"], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toBe(
    'slipway: there is no command "launch"; there are: install, build, start, test, ready, prove, bench.\n',
  );
});

test("two at once on one clone, started from another folder, take turns and both succeed", async () => {
  const statuses = await Promise.all(
    [1, 2].map(
      () =>
        new Promise((resolve) => {
          spawn(process.execPath, [bootstrap, "install"], { cwd: tmpdir(), stdio: "ignore" }).on(
            "exit",
            resolve,
          );
        }),
    ),
  );
  expect(statuses).toEqual([0, 0]);
});
