import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dispatch } from "../src/dispatch.ts";
import { reportError } from "../src/report-error.ts";
import { testOutside } from "./outside.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "slipway-registry-test-"));
  cpSync(join(import.meta.dirname, "fixtures/two-packages"), cwd, { recursive: true });
  // Nothing answers there: what is served must come from here alone.
  writeFileSync(join(cwd, ".npmrc"), "registry=http://127.0.0.1:9/\n");
});
afterEach(() => rmSync(cwd, { recursive: true }));

function env(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: cwd };
}

test("the workspace's packages are served until somebody ends it, and then nothing listens any more", async () => {
  const end = new AbortController();
  const answered = Promise.withResolvers<string>();
  const outside = testOutside({ cwd, env: env(), signal: end.signal, answer: answered.resolve });
  const ended = dispatch(["registry"], outside);
  ended.catch(answered.reject);
  const url = await answered.promise;
  const packument: unknown = await (await fetch(new URL("web", url))).json();
  expect(packument).toMatchObject({
    "dist-tags": { latest: "1.0.0" },
    versions: { "1.0.0": { dependencies: { core: "^1.0.0" } } },
  });
  end.abort();
  expect(await ended).toBe(0);
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});

test("a port that is taken is said, with exit status 3", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const argv = ["registry", "--port", String(port)];
  const outside = testOutside({ cwd, env: env() });
  const status = await dispatch(argv, outside).catch((error: unknown) => reportError(error, argv, outside));
  server.close();
  expect(status).toBe(3);
  expect(outside.stderr()).toContain(`error[host/port-taken]: port ${port} is in use\n  hint: `);
});

test("a workspace without publishable packages has nothing to serve", async () => {
  rmSync(join(cwd, "packages"), { recursive: true });
  const outside = testOutside({ cwd, env: env() });
  const status = await dispatch(["registry"], outside).catch((error: unknown) =>
    reportError(error, [], outside),
  );
  expect(status).toBe(2);
  expect(outside.stderr()).toContain("error[registry/nothing-to-serve]");
});
