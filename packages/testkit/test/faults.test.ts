import { createFaultRegistry, type Fault } from "@slipway/testkit";
import { describe, expect, test } from "vitest";
import { ask, integrityOf, publishBody, put } from "./publishing.ts";

describe("a fault before the write", () => {
  test.each<[Fault, number]>([
    [500, 500],
    [503, 503],
    [429, 429],
    ["page", 200],
    ["redirect", 302],
    ["empty", 200],
  ])("%s leaves nothing behind", async (fault, status) => {
    const registry = createFaultRegistry();
    registry.failNext("PUT /:name", fault);
    expect((await registry.handle(put("kit", publishBody("kit", "1.0.0")))).status).toBe(status);
    expect(registry.snapshot()).toEqual({});
    expect((await registry.handle(put("kit", publishBody("kit", "1.0.0")))).status).toBe(201);
  });

  test("a reset rejects as fetch does", async () => {
    const registry = createFaultRegistry();
    registry.failNext("GET /:name", "reset");
    await expect(registry.handle(ask("/kit"))).rejects.toThrow("fetch failed");
  });

  test("a timeout lasts until the caller gives up", async () => {
    const registry = createFaultRegistry();
    registry.failNext("GET /:name", "timeout");
    await expect(registry.handle(ask("/kit", { signal: AbortSignal.timeout(20) }))).rejects.toThrow(
      "timeout",
    );
  });
});

describe("a fault after the write", () => {
  const replies = ["reset", "page", "redirect", "empty", 500, 503, 504, "half"] as const;
  test.each(replies)("%s: stored, and the reply is lost", async (reply) => {
    const registry = createFaultRegistry();
    registry.failNext("PUT /:name", { reply, committed: true });
    await registry
      .handle(put("kit", publishBody("kit", "1.0.0")))
      .then((response) => response.text())
      .catch(() => null);
    expect(Object.keys(registry.snapshot()["kit"]?.versions ?? {})).toEqual(["1.0.0"]);
    expect((await registry.handle(put("kit", publishBody("kit", "1.0.0")))).status).toBe(403);
  });

  test("after-commit is a 503 over a write that stands", async () => {
    const registry = createFaultRegistry();
    registry.failNext("PUT /:name", "after-commit");
    expect((await registry.handle(put("kit", publishBody("kit", "1.0.0")))).status).toBe(503);
    expect(registry.snapshot()["kit"]?.distTags).toEqual({ latest: "1.0.0" });
  });
});

test("half a reply ends in an error, a drip is whole in the end", async () => {
  const registry = createFaultRegistry({ dripMs: 0 });
  await registry.handle(put("kit", publishBody("kit", "1.0.0")));
  registry.failNext("GET /:name", "half");
  await expect((await registry.handle(ask("/kit"))).text()).rejects.toThrow("terminated");
  registry.failNext("GET /:name", "drip");
  expect(await (await registry.handle(ask("/kit"))).json()).toMatchObject({ name: "kit" });
});

test("foreign bytes are a tarball that is not what its packument says", async () => {
  const registry = createFaultRegistry();
  const tarball = Buffer.from("sealed");
  await registry.handle(put("kit", publishBody("kit", "1.0.0", { tarball })));
  registry.failNext("GET /:name/-/:file", "foreign-bytes");
  const spoiled = new Uint8Array(await (await registry.handle(ask("/kit/-/kit-1.0.0.tgz"))).arrayBuffer());
  expect(integrityOf(spoiled)).not.toBe(registry.snapshot()["kit"]?.versions["1.0.0"]);
  const whole = new Uint8Array(await (await registry.handle(ask("/kit/-/kit-1.0.0.tgz"))).arrayBuffer());
  expect(integrityOf(whole)).toBe(integrityOf(tarball));
});

test("a status can bring headers and a body of its own", async () => {
  const registry = createFaultRegistry();
  registry.failNext("*", {
    reply: 429,
    headers: { "retry-after": "Fri, 31 Dec 1999 23:59:59 GMT" },
    body: "slow down",
  });
  const response = await registry.handle(ask("/kit"));
  expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([
    429,
    "Fri, 31 Dec 1999 23:59:59 GMT",
    "slow down",
  ]);
});

test("the wrong content type is the right body under another name", async () => {
  const registry = createFaultRegistry();
  await registry.handle(put("kit", publishBody("kit", "1.0.0")));
  registry.failNext("GET /:name", "wrong-type");
  const response = await registry.handle(ask("/kit"));
  expect(response.headers.get("content-type")).toBe("text/plain");
  expect(await response.json()).toMatchObject({ name: "kit" });
});

describe("which requests fail", () => {
  const statuses = async (registry: ReturnType<typeof createFaultRegistry>, count: number) => {
    const seen: number[] = [];
    for (let index = 0; index < count; index++) seen.push((await registry.handle(ask("/-/ping"))).status);
    return seen;
  };

  test("the next ones, and only of their route", async () => {
    const registry = createFaultRegistry();
    registry.failNext("GET /-/ping", 500, 2);
    registry.failNext("GET /:name", 500);
    expect(await statuses(registry, 4)).toEqual([500, 500, 200, 200]);
  });

  test("every nth", async () => {
    const registry = createFaultRegistry();
    registry.failEvery("GET *", 3, 503);
    expect(await statuses(registry, 7)).toEqual([200, 200, 503, 200, 200, 503, 200]);
  });

  test("at random, the same for the same seed", async () => {
    const drawn = async (seed: number) => {
      const registry = createFaultRegistry({ seed });
      registry.failAtRandom("*", 0.5, [500, 502]);
      return statuses(registry, 40);
    };
    const first = await drawn(7);
    expect(await drawn(7)).toEqual(first);
    expect(await drawn(8)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 500, 502]));
  });

  test("none after it was healed", async () => {
    const registry = createFaultRegistry();
    registry.failEvery("*", 1, 500);
    registry.heal();
    expect(await statuses(registry, 2)).toEqual([200, 200]);
  });
});

describe("a registry that lags", () => {
  test("serves the packument as it was, and meets writers as it is", async () => {
    let nowMs = 1_000;
    const registry = createFaultRegistry({ now: () => nowMs });
    await registry.handle(put("kit", publishBody("kit", "1.0.0")));
    registry.serveStale("kit", 5_000);
    await registry.handle(put("kit", publishBody("kit", "1.1.0")));
    const versions = async () =>
      Object.keys(((await (await registry.handle(ask("/kit"))).json()) as { versions: object }).versions);
    expect(await versions()).toEqual(["1.0.0"]);
    expect((await registry.handle(ask("/kit/1.1.0"))).status).toBe(404);
    expect((await registry.handle(ask("/kit/-/kit-1.1.0.tgz"))).status).toBe(200);
    expect((await registry.handle(put("kit", publishBody("kit", "1.1.0")))).status).toBe(403);
    nowMs += 5_000;
    expect(await versions()).toEqual(["1.0.0", "1.1.0"]);
  });

  test("shows each change only after its lag, also a package's first", async () => {
    let nowMs = 0;
    const registry = createFaultRegistry({ now: () => nowMs });
    registry.lag(60_000);
    await registry.handle(put("kit", publishBody("kit", "1.0.0")));
    expect((await registry.handle(ask("/kit"))).status).toBe(404);
    nowMs += 60_000;
    expect((await registry.handle(ask("/kit"))).status).toBe(200);
  });
});

test("an orphan is a tarball whose version is refused for ever", async () => {
  const registry = createFaultRegistry();
  registry.orphan("kit", "1.0.0", Buffer.from("half of it"));
  expect((await registry.handle(ask("/kit"))).status).toBe(404);
  expect((await registry.handle(ask("/kit/-/kit-1.0.0.tgz"))).status).toBe(200);
  expect((await registry.handle(put("kit", publishBody("kit", "1.0.0")))).status).toBe(409);
  expect((await registry.handle(put("kit", publishBody("kit", "1.0.1")))).status).toBe(201);
});

test("what was asked is counted by route", async () => {
  const registry = createFaultRegistry();
  registry.failNext("PUT /:name", 500);
  for (let count = 0; count < 2; count++)
    await registry.handle(put("@acme/kit", publishBody("@acme/kit", "1.0.0")));
  await registry.handle(ask("/@acme/kit"));
  await registry.handle(ask("/nowhere/at/all/really"));
  expect(registry.counts()).toMatchObject({ "PUT /:name": 2, "GET /:name": 1, "GET /-/ping": 0 });
  expect(registry.seen.map(({ route, status, faulty }) => [route, status, faulty])).toEqual([
    ["PUT /:name", 500, true],
    ["PUT /:name", 201, false],
    ["GET /:name", 200, false],
    [null, 404, false],
  ]);
});

test("so many requests about one package fail, and those about others never", async () => {
  const registry = createFaultRegistry();
  registry.failNext({ route: "PUT /:name", name: "kit" }, 503, 2);
  const statuses: number[] = [];
  for (const name of ["other", "kit", "kit", "kit"])
    statuses.push((await registry.handle(put(name, publishBody(name, "1.0.0")))).status);
  expect(statuses).toEqual([201, 503, 503, 201]);
});
