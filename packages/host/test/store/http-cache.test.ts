import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { HttpCache } from "../../src/store/http-cache.ts";

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A cache behind a handler, and what is told of its faults. */
async function cacheAt(handler: RequestListener, silenceMsMax: number, signal?: AbortSignal) {
  const made = createServer(handler);
  server = made;
  await new Promise<void>((resolve) => {
    made.listen(0, "127.0.0.1", resolve);
  });
  const told: string[] = [];
  const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  return {
    told,
    cache: new HttpCache(
      { url, authorization: null, silenceMsMax, ...(signal ? { signal } : {}) },
      (message) => told.push(message),
    ),
  };
}

const key = "0".repeat(64);

test.each([
  ["at the beginning", false],
  ["in the middle of an answer", true],
])("a server that says nothing %s is given up, and that is told once", async (_where, begin) => {
  let asked = 0;
  const { cache, told } = await cacheAt((_, response) => {
    asked++;
    if (begin) response.write("a beginning");
  }, 500);
  expect(await cache.entry(key)).toBeNull();
  expect(await cache.entry(key)).toBeNull();
  expect(await cache.putEntry(key, Buffer.from("x"))).toBe(false);
  expect(asked).toBe(1);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("said nothing for 0.5 s; it is not used any more in this run");
});

test("a server that gives a byte now and then is given up, too", async () => {
  const { cache, told } = await cacheAt((_, response) => {
    const dripping = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(dripping));
  }, 100);
  expect(await cache.entry(key)).toBeNull();
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("gave less than 100 kB a second");
});

test("when nobody waits any more what is under way ends, and nothing is told", async () => {
  const stop = new AbortController();
  const { cache, told } = await cacheAt(
    (_, response) => {
      response.write("a beginning");
      stop.abort();
    },
    600_000,
    stop.signal,
  );
  expect(await cache.entry(key)).toBeNull();
  expect(await cache.putEntry(key, Buffer.from("x"))).toBe(false);
  expect(told).toEqual([]);
});

test("what is not there is no fault, and a redirect is one", async () => {
  const answers = [404, 404, 302, 404];
  const { cache, told } = await cacheAt((_, response) => {
    response.writeHead(answers.shift() ?? 500, { location: "http://elsewhere.invalid/" }).end();
  }, 5000);
  const folder = mkdtempSync(join(tmpdir(), "slipway-blob-"));
  expect(await cache.entry(key)).toBeNull();
  expect(await cache.fetchBlob(key, join(folder, "blob"))).toBe(false);
  expect(told).toEqual([]);
  expect(existsSync(join(folder, "blob"))).toBe(false);
  rmSync(folder, { recursive: true });
  expect(await cache.entry(key)).toBeNull();
  expect(await cache.entry(key)).toBeNull();
  expect(told).toHaveLength(1);
  expect(answers).toEqual([404]);
});
