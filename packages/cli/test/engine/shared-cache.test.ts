import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { trustDomainOf } from "../../src/wire/trust-domain.ts";
import { manifest, Rig, task } from "./rig.ts";

const rigs: Rig[] = [];
const servers: Server[] = [];
afterEach(() => {
  for (const each of rigs.splice(0)) each.dispose();
  for (const each of servers.splice(0)) each.close();
});

const files = {
  "packages/a/package.json": manifest("a", {
    build: "mkdir -p dist && cp src.txt dist/ && head -c 40000 /dev/zero > dist/large.bin",
  }),
  "packages/a/src.txt": "a1",
};

function rig(): Rig {
  const made = new Rig(files);
  rigs.push(made);
  return made;
}

/** GET and PUT of any path, as a WebDAV server does them. */
async function server(stored: Map<string, Buffer>): Promise<string> {
  const made = createServer((request, response) => {
    const path = request.url ?? "";
    if (request.method === "PUT") {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        stored.set(path, Buffer.concat(pieces));
        response.writeHead(201).end();
      });
      return;
    }
    const found = stored.get(path);
    response.writeHead(found ? 200 : 404).end(found);
  });
  servers.push(made);
  await new Promise<void>((resolve) => {
    made.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

const remote = { read: true, write: true };

test("what one machine stored in a shared cache another restores, verified", async () => {
  const stored = new Map<string, Buffer>();
  const env = { SLIPWAY_REMOTE_CACHE: await server(stored) };
  await rig().run([task("a#build")], { env, remote });
  expect(new Set([...stored.keys()].map((path) => path.split("/")[1]))).toEqual(new Set(["ac", "cas"]));
  const second = rig();
  const ran = await second.run([task("a#build")], { env, remote });
  expect(ran.end("a#build")).toMatchObject({ cache: "hit", from: "remote" });
  expect(second.read("packages/a/dist/src.txt")).toBe("a1");
  expect(second.read("packages/a/dist/large.bin")?.length).toBe(40_000);
});

test("foreign bytes in a shared cache are a miss", async () => {
  const stored = new Map<string, Buffer>();
  const env = { SLIPWAY_REMOTE_CACHE: await server(stored) };
  await rig().run([task("a#build")], { env, remote });
  for (const [path, bytes] of stored)
    if (path.startsWith("/cas/")) stored.set(path, Buffer.alloc(bytes.length, 1));
  const ran = await rig().run([task("a#build")], { env, remote });
  expect(ran.end("a#build").cache).toBe("miss");
  expect(ran.notices).toEqual(["cache/unreachable"]);
});

test("a shared cache that is down is a miss and one notice", async () => {
  const env = { SLIPWAY_REMOTE_CACHE: "http://127.0.0.1:1" };
  const ran = await rig().run([task("a#build")], { env, remote });
  expect(ran.end("a#build")).toMatchObject({ status: "ok", cache: "miss" });
  expect(ran.notices).toEqual(["cache/unreachable"]);
});

test("a job of a protected branch never finds what a pull request's job stored", async () => {
  const pullRequest = {
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: "pull_request",
    GITHUB_REF: "refs/pull/1/merge",
  };
  const main = {
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: "push",
    GITHUB_REF: "refs/heads/main",
    GITHUB_REF_PROTECTED: "true",
  };
  const runner = rig();
  const run = (env: Record<string, string>) =>
    runner.run([task("a#build")], { env, options: { trustDomain: trustDomainOf(env) } });
  expect((await run(pullRequest)).ends).toEqual(["a#build miss"]);
  expect((await run(pullRequest)).ends).toEqual(["a#build hit"]);
  expect((await run(main)).ends).toEqual(["a#build miss"]);
  expect((await run(main)).ends).toEqual(["a#build hit"]);
});
