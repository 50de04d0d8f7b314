import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { cacheRulesOf } from "../../src/journeys/run-settings.ts";
import { manifest, Rig, task, type Ran } from "./rig.ts";

const rigs: Rig[] = [];
const servers: Server[] = [];
afterEach(() => {
  for (const each of rigs.splice(0)) each.dispose();
  for (const each of servers.splice(0)) {
    each.closeAllConnections();
    each.close();
  }
});

const build = "mkdir -p dist && cp src.txt dist/ && head -c 40000 /dev/zero > dist/large.bin";

function rig(): Rig {
  const packages = ["a", "b", "c"].map((name) => [
    [`packages/${name}/package.json`, manifest(name, { build })],
    [`packages/${name}/src.txt`, `${name}1`],
  ]);
  const made = new Rig(Object.fromEntries(packages.flat()) as Record<string, string>);
  rigs.push(made);
  return made;
}

type Answer = (request: IncomingMessage, response: ServerResponse, stored: Map<string, Buffer>) => boolean;

/** GET and PUT of any path, as a WebDAV server does them, and every request; `first` may answer before it does. */
async function server(first: Answer = () => false) {
  const stored = new Map<string, Buffer>();
  const asked: string[] = [];
  const made = createServer((request, response) => {
    const { method = "", url = "" } = request;
    asked.push(`${method} ${url.split("/")[1]}`);
    if (first(request, response, stored)) return;
    if (method === "PUT") {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        stored.set(url, Buffer.concat(pieces));
        response.writeHead(201).end();
      });
      return;
    }
    const found = stored.get(url);
    response.writeHead(found ? 200 : 404).end(found);
  });
  servers.push(made);
  await new Promise<void>((resolve) => {
    made.listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  return { stored, asked, env: { SLIPWAY_REMOTE_CACHE: url } };
}

function run(where: Rig, env: Record<string, string>, cache?: string): Promise<Ran> {
  const access = cacheRulesOf({ cache, force: false });
  const read = access.local.read || access.remote.read;
  const options = { cache: { read, write: access.local.write || access.remote.write } };
  return where.run([task("a#build")], { env, access, options });
}

test("what one machine stored in a shared cache another restores, verified", async () => {
  const { stored, env } = await server();
  await run(rig(), env);
  expect(new Set([...stored.keys()].map((path) => path.split("/")[1]))).toEqual(new Set(["ac", "cas"]));
  const second = rig();
  expect((await run(second, env)).end("a#build")).toMatchObject({ cache: "hit", from: "remote" });
  expect(second.read("packages/a/dist/src.txt")).toBe("a1");
  expect(second.read("packages/a/dist/large.bin")?.length).toBe(40_000);
  second.remove("packages/a/dist");
  expect((await run(second, { SLIPWAY_REMOTE_CACHE: "http://127.0.0.1:1" })).end("a#build").from).toBe(
    "store",
  );
});

test("a shared cache alone is read, and nothing of it stays on the machine", async () => {
  const { env, asked } = await server();
  await run(rig(), env);
  const second = rig();
  const before = asked.length;
  expect((await run(second, env, "remote:r")).end("a#build")).toMatchObject({ cache: "hit", from: "remote" });
  expect(asked.slice(before)).toEqual(["GET ac", "GET cas"]);
  second.remove("packages/a/dist");
  expect((await run(second, env, "local:r")).end("a#build").cache).toBe("miss");
});

test("a shared cache is written from where the machine's own must not be", async () => {
  const { env, stored } = await server();
  const first = rig();
  await run(first, env, "remote:rw");
  expect(stored.size).toBe(2);
  first.remove("packages/a/dist");
  expect((await run(first, env, "local:r")).end("a#build").cache).toBe("miss");
  expect((await run(rig(), env, "local:rw,remote:r")).end("a#build").from).toBe("remote");
});

test("foreign bytes in a shared cache are a miss, one notice, and the last that is read from it", async () => {
  const { stored, env } = await server();
  await run(rig(), env);
  for (const [path, bytes] of stored)
    if (path.startsWith("/cas/")) stored.set(path, Buffer.alloc(bytes.length, 1));
  const ran = await run(rig(), env);
  expect(ran.end("a#build").cache).toBe("miss");
  expect(ran.notices).toEqual(["cache/unreachable"]);
});

test("an entry that is not whole is a miss and a notice, and is made whole by what the task makes", async () => {
  const { stored, env } = await server();
  await run(rig(), env);
  for (const [path, bytes] of stored)
    if (path.startsWith("/ac/")) stored.set(path, bytes.subarray(0, bytes.length - 1));
  const ran = await run(rig(), env);
  expect(ran.end("a#build")).toMatchObject({ status: "ok", cache: "miss" });
  expect(ran.notices).toEqual(["cache/damaged"]);
  expect((await run(rig(), env)).end("a#build").from).toBe("remote");
});

test("a server that answers every question with a page of its own is not asked to the end", async () => {
  const { asked, env } = await server((request, response) => {
    if (request.method === "GET") response.writeHead(200).end("<html>please log in</html>");
    return request.method === "GET";
  });
  const names = ["b1", "b2", "b3", "b4", "b5"];
  const scripts = Object.fromEntries(names.map((name) => [name, "echo x"]));
  const repo = new Rig({ "packages/a/package.json": manifest("a", scripts) });
  rigs.push(repo);
  const tasks = names.map((name) => task(`a#${name}`));
  const access = cacheRulesOf({ cache: undefined, force: false });
  const ran = await repo.run(tasks, { env, access, options: { concurrency: 1 } });
  expect(ran.notices.filter((code) => code === "cache/unreachable")).toHaveLength(1);
  expect(asked.filter((each) => each.startsWith("GET"))).toHaveLength(3);
});

test("a shared cache that is down is a miss, one notice, and asked once", async () => {
  const down = await server((request) => {
    request.socket.destroy();
    return true;
  });
  const tasks = [task("a#build"), task("b#build"), task("c#build")];
  const access = cacheRulesOf({ cache: undefined, force: false });
  const ran = await rig().run(tasks, { env: down.env, access, options: { concurrency: 1 } });
  expect(ran.ends).toEqual(["a#build miss", "b#build miss", "c#build miss"]);
  expect(ran.notices).toEqual(["cache/unreachable"]);
  expect(down.asked).toEqual(["GET ac"]);
});

test("a server that refuses what is stored is read all the same", async () => {
  const { env, stored, asked } = await server(({ method, url = "" }, response, kept) => {
    const isRefused = method === "PUT" && kept.size >= 2;
    if (isRefused) response.writeHead(url.startsWith("/cas") ? 413 : 403).end();
    return isRefused;
  });
  await run(rig(), env);
  expect(stored.size).toBe(2);
  const other = rig();
  other.write({ "packages/a/src.txt": "other" });
  expect((await run(other, env)).notices).toEqual(["cache/unreachable"]);
  other.write({ "packages/a/src.txt": "a1" });
  other.remove("packages/a/dist");
  const { cache } = (await run(other, env)).end("a#build");
  expect(cache).toBe("hit");
  expect(asked.filter((each) => each === "GET ac")).toHaveLength(3);
});

test("an address with a name and a password sends them, and they are in no message", async () => {
  const seen: (string | undefined)[] = [];
  const { env } = await server(({ headers, socket }) => {
    seen.push(headers.authorization);
    socket.destroy();
    return true;
  });
  const withPassword = env.SLIPWAY_REMOTE_CACHE.replace("://", "://me:pass%20word@");
  const ran = await run(rig(), { SLIPWAY_REMOTE_CACHE: withPassword });
  expect(seen).toEqual([`Basic ${Buffer.from("me:pass word").toString("base64")}`]);
  expect(JSON.stringify(ran.events)).not.toContain("pass");
});
