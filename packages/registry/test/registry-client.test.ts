import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import {
  HttpFailure,
  registryClient,
  retryAfter,
  retryAfterCapMs,
  type ClientOptions,
  type Transport,
} from "@slipway/registry";
import { createFaultRegistry, type Fault } from "@slipway/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { publishRequest } from "./tarballs.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function started(options: ClientOptions = {}) {
  const registry = createFaultRegistry({ dripMs: 5 });
  const listening = await registry.listen();
  closing.push(() => listening.close());
  const quick = { idleTimeoutMs: 300, totalTimeoutMs: 1_000, wait: async () => undefined, ...options };
  return { registry, url: listening.url, client: registryClient({ url: listening.url, auth: null }, quick) };
}

const lost: readonly (readonly [string, Fault])[] = [
  ["a 503", { reply: 503, committed: true }],
  ["a 504", { reply: 504, committed: true }],
  ["a reset", { reply: "reset", committed: true }],
  ["silence", { reply: "timeout", committed: true }],
  ["half a reply", "half"],
  ["a page", { reply: "page", committed: true }],
  ["a redirect", { reply: "redirect", committed: true }],
];

test("a registry is given the silence that .npmrc allows, and no more", async () => {
  const { registry, url } = await started();
  registry.failNext("PUT /:name", { reply: "timeout", committed: true });
  const impatient = registryClient({ url, auth: null, silenceMsMax: 200 });
  expect(await impatient.upload(publishRequest("@lost/reply", "1.0.0"))).toMatchObject({
    outcome: "unknown",
    message: expect.stringContaining("200 ms"),
  });
});

describe("an upload whose reply is lost", () => {
  test.each(lost)("in %s is unknown, and the next look finds it", async (_, fault) => {
    const { registry, client } = await started();
    const request = publishRequest("@lost/reply", "1.0.0");
    registry.failNext("PUT /:name", fault);
    expect(await client.upload(request)).toMatchObject({ outcome: "unknown" });
    expect((await client.view("@lost/reply"))?.versions["1.0.0"]?.integrity).toBe(request.tarball.integrity);
    expect(registry.counts()["PUT /:name"]).toBe(1);
  });

  test.each(lost)("in %s is unknown for tags too", async (_, fault) => {
    const { registry, client } = await started();
    await client.upload(publishRequest("tagged", "1.0.0"));
    registry.failNext("PUT /-/package/:name/dist-tags/:tag", fault);
    expect(await client.setTag("tagged", "next", "1.0.0")).toMatchObject({ outcome: "unknown" });
    expect((await client.view("tagged"))?.distTags["next"]).toBe("1.0.0");
  });
});

describe("a write", () => {
  test.each<[string, Fault, object]>([
    [
      "429 with seconds",
      { reply: 429, headers: { "retry-after": "7" } },
      { outcome: "retryable", retryAfterMs: 7_000 },
    ],
    ["429 without", 429, { outcome: "retryable", retryAfterMs: null }],
    [
      "403 that asks to wait",
      { reply: 403, headers: { "retry-after": "1" } },
      { outcome: "retryable", retryAfterMs: 1_000 },
    ],
    [
      "503 that asks to wait",
      { reply: 503, headers: { "retry-after": "3" } },
      { outcome: "unknown", retryAfterMs: 3_000 },
    ],
    ["401", 401, { outcome: "permanent", cause: "auth" }],
    ["403", 403, { outcome: "permanent", cause: "forbidden" }],
    ["404", 404, { outcome: "permanent", cause: "forbidden" }],
    ["400", 400, { outcome: "permanent", cause: "invalid" }],
    ["413", 413, { outcome: "permanent", cause: "invalid" }],
    ["500", 500, { outcome: "unknown" }],
    ["409", 409, { outcome: "conflict" }],
    [
      "409 about the packument",
      { reply: 409, body: '{"error":"Failed to save packument. A common cause is..."}' },
      { outcome: "unknown" },
    ],
    [
      "403 over a published version",
      { reply: 403, body: '{"error":"You cannot publish over the previously published versions: 1.0.0."}' },
      { outcome: "conflict" },
    ],
    ["wrong type", "wrong-type", { outcome: "accepted" }],
  ])("answered with %s says no more than that proves", async (_, fault, answer) => {
    const { registry, client } = await started();
    registry.failNext("PUT /:name", fault);
    expect(await client.upload(publishRequest("p", "1.0.0"))).toMatchObject(answer);
  });

  test("is answered without the token that the registry repeats", async () => {
    const registry = createFaultRegistry();
    const listening = await registry.listen();
    closing.push(() => listening.close());
    const client = registryClient({ url: listening.url, auth: { kind: "bearer", token: "npm_secret" } });
    registry.failNext("PUT /:name", { reply: 403, body: '{"error":"npm_secret may not publish p"}' });
    const answer = await client.upload(publishRequest("p", "1.0.0"));
    expect(answer).toMatchObject({ outcome: "permanent", cause: "forbidden" });
    expect(JSON.stringify(answer)).not.toContain("npm_secret");
    expect(JSON.stringify(answer)).toContain("*** may not publish p");
  });

  test("is sent once, whatever comes back", async () => {
    const { registry, client } = await started();
    registry.failNext("*", 500, 10);
    await client.upload(publishRequest("p", "1.0.0"));
    expect(registry.seen).toHaveLength(1);
  });

  test("to a registry that is not there can be tried again", async () => {
    const { client, url } = await started();
    for (const close of closing.splice(0)) await close();
    expect(url).toContain("127.0.0.1");
    expect(await client.upload(publishRequest("p", "1.0.0"))).toMatchObject({
      outcome: "retryable",
      retryAfterMs: null,
    });
  });

  test("asks for a one-time password when the registry wants one, once", async () => {
    const registry = createFaultRegistry({ tokens: { secret: { user: "a", otp: "123456" } } });
    const listening = await registry.listen();
    closing.push(() => listening.close());
    const target = { url: listening.url, auth: { kind: "bearer", token: "secret" } } as const;
    const asked = registryClient(target, { otp: async () => "123456" });
    expect(await asked.upload(publishRequest("p", "1.0.0"))).toEqual({ outcome: "accepted" });
    const silent = registryClient(target);
    expect(await silent.upload(publishRequest("p", "1.0.1"))).toMatchObject({
      outcome: "permanent",
      cause: "auth",
      otp: true,
    });
    const wrong = registryClient(target, { otp: async () => "000000" });
    expect(await wrong.upload(publishRequest("p", "1.0.1"))).toMatchObject({
      outcome: "permanent",
      cause: "auth",
    });
  });
});

describe("reading", () => {
  test.each<Fault>([500, 503, 429, "reset", "timeout", "half", "page"])("goes on after %s", async (fault) => {
    const { registry, client } = await started();
    await client.upload(publishRequest("p", "1.0.0"));
    registry.failNext("GET /:name", fault, 2);
    expect((await client.view("p"))?.distTags).toEqual({ latest: "1.0.0" });
    expect(registry.counts()["GET /:name"]).toBe(3);
  });

  test("waits as long as the registry asks, up to a limit", async () => {
    const waits: number[] = [];
    const { registry, client } = await started({ wait: async (ms) => void waits.push(ms), now: () => 0 });
    for (const header of ["2", "Thu, 01 Jan 1970 00:00:09 GMT", "999999999", "soon"]) {
      waits.length = 0;
      registry.failNext("GET /:name", { reply: 429, headers: { "retry-after": header } });
      await client.view("p");
      const wanted = { "2": 2_000, "999999999": retryAfterCapMs, soon: undefined }[header];
      if (wanted !== undefined) expect(waits).toEqual([wanted]);
      else if (header === "soon") expect(waits[0]).toBeLessThanOrEqual(375);
      else expect(waits).toEqual([9_000]);
    }
  });

  test("gives up with one sentence that names the registry", async () => {
    const { registry, client, url } = await started();
    registry.failNext("GET /:name", 502, 4);
    await expect(client.view("p")).rejects.toMatchObject({
      code: "registry/unreachable",
      message: `the registry ${url} answered 502 fault 502`,
    });
  });

  test("a drip that never ends within the limit is given up", async () => {
    const { registry, client } = await started({ totalTimeoutMs: 100, readAttempts: 1 });
    await client.upload(publishRequest("p", "1.0.0"));
    registry.failNext("GET /:name", "drip");
    await expect(client.view("p")).rejects.toMatchObject({ code: "registry/unreachable" });
  });

  test("a refusal is not tried again", async () => {
    const { registry, client } = await started();
    registry.failNext("GET /:name", 401);
    await expect(client.view("p")).rejects.toMatchObject({ code: "registry/unauthorized" });
    expect(registry.seen).toHaveLength(1);
  });

  test("a tarball without its version is found, so that an orphan can be told", async () => {
    const { registry, client } = await started();
    const { bytes } = publishRequest("@a/orphan", "1.0.0");
    registry.orphan("@a/orphan", "1.0.0", bytes);
    expect(await client.view("@a/orphan")).toBeNull();
    expect(await client.download("@a/orphan", "1.0.0")).toEqual(Buffer.from(bytes));
    expect(await client.upload(publishRequest("@a/orphan", "1.0.0"))).toMatchObject({ outcome: "conflict" });
  });

  test("asks the network for zipped answers and takes them; a damaged one is asked for again", async () => {
    const packument = JSON.stringify({ name: "p", "dist-tags": { latest: "1.0.0" }, versions: {} });
    const zipped = gzipSync(packument);
    const bodies = [zipped.subarray(0, 20), zipped];
    const asked: (string | undefined)[] = [];
    const transport: Transport = async ({ headers }) => {
      asked.push(headers["accept-encoding"]);
      return { status: 200, headers: { "content-encoding": "gzip" }, body: bodies.shift() ?? zipped };
    };
    const client = registryClient(
      { url: "https://registry.test/", auth: null },
      { transport, wait: async () => undefined },
    );
    expect((await client.view("p"))?.distTags).toEqual({ latest: "1.0.0" });
    expect(asked).toEqual(["gzip", "gzip"]);
  });

  test("a tarball that the registry lists at another address is said with it when nobody answers there", async () => {
    const tarball = "http://127.0.0.1:1/p/-/p-1.0.0.tgz";
    const document = { name: "p", "dist-tags": {}, versions: { "1.0.0": { dist: { tarball } } } };
    const transport: Transport = ({ url }) =>
      url === tarball
        ? Promise.reject(new HttpFailure("ECONNRESET", "perhaps"))
        : Promise.resolve({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(document)) });
    const client = registryClient(
      { url: "https://registry.test/", auth: null },
      { transport, wait: async () => undefined },
    );
    await client.view("p");
    await expect(client.download("p", "1.0.0")).rejects.toThrow(/at http:\/\/127\.0\.0\.1:1, where it says/);
  });

  test("a redirect is followed, and the token stays with its own registry", async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ name: "p", "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": {} } }),
      );
    });
    await new Promise<void>((ready) => elsewhere.listen(0, "127.0.0.1", ready));
    closing.push(() => new Promise((closed) => elsewhere.close(closed)));
    const { port } = elsewhere.address() as AddressInfo;
    const { registry, url } = await started();
    registry.failNext("GET /:name", { reply: 302, headers: { location: `http://127.0.0.1:${port}/p` } });
    const client = registryClient({ url, auth: { kind: "bearer", token: "secret" } });
    expect((await client.view("p"))?.distTags).toEqual({ latest: "1.0.0" });
    expect(seen).toEqual([undefined]);
    expect(registry.seen[0]?.authorized).toBe(true);
  });
});

test.each([
  ["0", 0],
  ["1.5", 1_500],
  ["-3", null],
  ["1e9", null],
  ["", null],
  ["Thu, 01 Jan 1970 00:00:01 GMT", 0],
])("Retry-After: %s means %s ms", (header, expected) => {
  expect(retryAfter({ headers: { "retry-after": header } }, 5_000)).toBe(expected);
});
