import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { cacheRulesOf } from "../../src/journeys/run-settings.ts";
import { trustDomainOf } from "../../src/wire/trust-domain.ts";
import { findNginx, startNginx, type Nginx } from "./nginx.ts";
import { manifest, Rig, task } from "./rig.ts";

const nginx = findNginx();
const noNginx = "no nginx is installed (Debian: nginx-light)";
const rigs: Rig[] = [];
let server: Nginx | null = null;
afterEach(async () => {
  for (const each of rigs.splice(0)) each.dispose();
  await server?.stop();
  server = null;
});

/** A runner that has checked the repository out anew; `shared` is what its disk keeps between jobs. */
function checkout(shared?: Rig): Rig {
  const build = (bytes: number) =>
    manifest("a", {
      build: `mkdir -p dist && cp src.txt dist/ && head -c ${bytes} /dev/zero > dist/large.bin`,
    });
  const made = new Rig(
    {
      "packages/a/package.json": build(200_000),
      "packages/a/src.txt": "a1",
      "packages/b/package.json": build(3_000_000),
      "packages/b/src.txt": "b1",
    },
    shared,
  );
  rigs.push(made);
  return made;
}

const access = cacheRulesOf({ cache: undefined, force: false });

test("a real nginx with WebDAV is a shared cache: stored, restored, damaged, too small and gone", async ({
  skip,
}) => {
  if (nginx === null) return skip(noNginx);
  server = await startNginx(nginx, "1m");
  const env = { SLIPWAY_REMOTE_CACHE: `${server.url}/team/` };
  const tasks = [task("a#build")];
  await checkout().run(tasks, { env, access });
  expect(filesOf(server.files).map((path) => path.split("/").slice(0, 2).join("/"))).toEqual([
    "team/ac",
    "team/cas",
  ]);
  const second = checkout();
  expect((await second.run(tasks, { env, access })).end("a#build")).toMatchObject({
    cache: "hit",
    from: "remote",
  });
  expect(second.read("packages/a/dist/large.bin")?.length).toBe(200_000);
  const large = await checkout().run([task("b#build")], { env, access });
  expect(large.notices).toEqual(["cache/unreachable"]);
  expect(JSON.stringify(large.events)).toContain("takes nothing as large as cas/");
  for (const path of filesOf(server.files)) {
    if (path.includes("/cas/")) writeFileSync(join(server.files, path), "damaged");
  }
  expect((await checkout().run(tasks, { env, access })).ends).toEqual(["a#build miss"]);
  await server.stop();
  const ran = await checkout().run(tasks, { env, access });
  expect(ran.ends).toEqual(["a#build miss"]);
  expect(ran.notices).toEqual(["cache/unreachable"]);
});

test("on one persistent runner nothing that a pull request's job stored reaches a protected branch's job", async ({
  skip,
}) => {
  if (nginx === null) return skip(noNginx);
  server = await startNginx(nginx, "100m");
  const github = { GITHUB_ACTIONS: "true", SLIPWAY_REMOTE_CACHE: server.url };
  const jobs = {
    pullRequest: { ...github, GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/1/merge" },
    protected: {
      ...github,
      GITHUB_EVENT_NAME: "push",
      GITHUB_REF: "refs/heads/main",
      GITHUB_REF_PROTECTED: "true",
    },
  };
  const disk = checkout();
  const froms = async (job: keyof typeof jobs, where: Rig): Promise<(string | undefined)[]> => {
    const env = jobs[job];
    const ran = await where.run([task("a#build"), task("b#build")], {
      env,
      access,
      options: { trustDomain: trustDomainOf(env) },
    });
    return ran.events.flatMap((event) =>
      event.type === "task" ? [event.cache === "hit" ? event.from : event.cache] : [],
    );
  };
  expect(await froms("pullRequest", disk)).toEqual(["miss", "miss"]);
  expect(await froms("pullRequest", checkout(disk)), "its own results are there for it").toEqual([
    "store",
    "store",
  ]);
  expect(await froms("protected", disk), "in the same work tree").toEqual(["miss", "miss"]);
  expect(await froms("pullRequest", disk), "nor the other way round").toEqual(["store", "store"]);
  expect(await froms("protected", checkout(disk))).toEqual(["store", "store"]);
  rmSync(disk.cacheDir, { recursive: true });
  expect(await froms("protected", checkout(disk)), "the shared cache has its own results").toEqual([
    "remote",
    "remote",
  ]);
});

function filesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .toSorted();
}
