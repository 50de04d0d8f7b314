import { createFaultRegistry, type FaultRegistry, type Listening } from "@slipway/testkit";
import { Ajv2020 } from "ajv/dist/2020.js";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RehearsalReport } from "../../src/journeys/rehearse/report.ts";
import { makeAcme, tree, type Acme } from "./acme.ts";

let registry: FaultRegistry;
let server: Listening;
let acme: Acme;

beforeEach(async () => {
  registry = createFaultRegistry({ seed: 1 });
  server = await registry.listen();
  acme = makeAcme(server.url);
});

afterEach(async () => {
  acme.remove();
  await server.close();
});

test("the pending changesets are rehearsed to their end and nothing outside is changed, twice, the second time from the cache", async () => {
  acme.write("not-committed.txt", "left out");
  const before = {
    head: acme.git("rev-parse", "HEAD"),
    refs: acme.git("for-each-ref"),
    files: tree(acme.repository),
  };
  const { status, stdout, stderr } = await acme.slipway("rehearse", "--json");
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const report = reportIn(stdout);
  const schema = join(import.meta.dirname, "../../../../docs/schema/rehearsal-report.json");
  const check = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(schema, "utf8")) as object,
  );
  expect(check(report) ? [] : check.errors).toEqual([]);
  expect(report.bumps.map(({ package: name, from, to }) => `${name} ${from} ${to}`)).toEqual([
    "@acme/core 1.0.0 1.1.0",
  ]);
  expect(report.published).toEqual(["@acme/core", "@acme/app"]);
  expect(report.promoted.map(({ package: name, tag, to }) => `${name} ${tag} ${to}`)).toEqual([
    "@acme/core latest 1.1.0",
    "@acme/app latest 1.0.0",
  ]);
  expect(report.consumers.every(({ ok }) => ok)).toBe(true);
  expect(acme.git("rev-parse", "HEAD")).toBe(before.head);
  expect(acme.git("for-each-ref")).toBe(before.refs);
  expect(report.uncommitted).toEqual({ paths: ["not-committed.txt"], taken: false });
  expect(acme.git("status", "--porcelain")).toBe("?? not-committed.txt\n");
  expect(acme.git("worktree", "list").trim().split("\n")).toHaveLength(1);
  expect(tree(acme.repository).filter((path) => !before.files.includes(path))).toEqual([]);
  expect(registry.seen.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
  expect(leftInHome()).toEqual([]);
  expect(scratchFolders()).toEqual([]);
  expect(registriesAlive()).toEqual([]);
  const again = reportIn((await acme.slipway("rehearse", "--json")).stdout);
  expect(again.tasks.map(({ id, cache }) => `${id} ${cache}`).toSorted()).toEqual([
    "@acme/app#build hit",
    "@acme/core#build hit",
  ]);
});

test("a package that its users could not load does not go out", async () => {
  acme.write("packages/core/src.js", 'import "not-a-dependency";\nexport const sail = () => "sails";\n');
  acme.commit("a missing dependency");
  const { status, stdout } = await acme.slipway("rehearse", "--json");
  const report = reportIn(stdout);
  expect(status).toBe(1);
  expect(report.ok).toBe(false);
  expect(report.published).toEqual([]);
  const failed = report.verdicts.filter(({ verdict }) => verdict === "fail");
  expect(failed.map((one) => `${one.package}: ${one.gate}: ${one.sentences.join()}`)).toContainEqual(
    expect.stringMatching(/^@acme\/core: entries load: .*not-a-dependency/),
  );
});

test("a build that fails shows what it wrote, and exits with 1", async () => {
  acme.write("packages/core/build.sh", "echo the mast broke; exit 3\n");
  acme.commit("a broken build");
  const { status, stderr } = await acme.slipway("rehearse");
  expect(status).toBe(1);
  expect(stderr).toContain("the mast broke");
  expect(stderr).toContain("error[release/build-failed]");
  expect(scratchFolders()).toEqual([]);
});

test("uncommitted changes are taken along when asked, and stay uncommitted", async () => {
  acme.write(".changeset/second-ship.md", '---\n"@acme/app": patch\n---\n\nIt floats.\n');
  acme.write("packages/core/build.sh", "exit 3\n");
  const { status, stdout } = await acme.slipway("rehearse", "--json", "--include-uncommitted");
  expect(status).toBe(1);
  expect(stdout).toContain('"summary":"2 new versions"');
  expect(acme.git("status", "--porcelain")).toBe(" M packages/core/build.sh\n?? .changeset/second-ship.md\n");
});

test("at a commit of the past, what has been released since is hidden from the rehearsal", async () => {
  const tarball = Buffer.from("not looked at");
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) registry.plant({ name: "@acme/core", version, tarball });
  const { status, stdout } = await acme.slipway("rehearse", "--json");
  const report = reportIn(stdout);
  expect(status).toBe(0);
  expect(report.promoted.find(({ package: name }) => name === "@acme/core")).toMatchObject({
    from: "1.0.0",
    to: "1.1.0",
  });
  expect(report.notes).toContainEqual(expect.stringContaining("@acme/core@1.1.0 is on the registry already"));
});

test("without a pending changeset a snapshot of what changed since the last release is rehearsed", async () => {
  acme.git("rm", "-q", ".changeset/brave-ships.md");
  acme.commit("released");
  acme.git("-c", "user.name=t", "-c", "user.email=t@localhost", "tag", "-am", "x", "@acme/core@1.0.0");
  acme.git("-c", "user.name=t", "-c", "user.email=t@localhost", "tag", "-am", "x", "@acme/app@1.0.0");
  acme.write("packages/app/src.js", 'export { sail } from "@acme/core";\nexport const more = 1;\n');
  acme.commit("app changes");
  const report = reportIn((await acme.slipway("rehearse", "--json")).stdout);
  expect(report.source).toBe("snapshot");
  expect(report.bumps.map(({ package: name }) => name)).toEqual(["@acme/app"]);
  expect(report.bumps[0]?.to).toMatch(/^0\.0\.0-snapshot-\d{14}$/);
  expect(report.promoted.find(({ package: name }) => name === "@acme/app")?.tag).toBe("snapshot");
});

test("after a kill -9 no server runs, and the next run deletes what was left", async () => {
  const child = acme.start("rehearse", "--json");
  await new Promise<void>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes('"phase":"build"')) resolve();
    });
  });
  expect(registriesAlive().length).toBeGreaterThan(0);
  child.kill("SIGKILL");
  await gone(() => registriesAlive().length === 0);
  expect(scratchFolders()).toHaveLength(1);
  acme.write("packages/core/build.sh", "exit 3\n");
  acme.commit("a build that ends soon");
  const { status } = await acme.slipway("rehearse", "--json");
  expect(status).toBe(1);
  expect(scratchFolders()).toEqual([]);
});

test("Ctrl-C ends a rehearsal and all that it started, with 130", async () => {
  acme.write("packages/core/build.sh", "echo started; sleep 600\n");
  acme.commit("a build that never ends");
  const child = acme.start("rehearse", "--json");
  const status = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stdout?.on("data", (chunk: Buffer) => {
    if (chunk.toString().includes('"text":"started')) child.kill("SIGINT");
  });
  expect(await status).toBe(130);
  expect(scratchFolders()).toEqual([]);
  expect(registriesAlive()).toEqual([]);
});

test("outside of git there is nothing to rehearse, and it is said", async () => {
  rmSync(join(acme.repository, ".git"), { recursive: true });
  const { status, stderr } = await acme.slipway("rehearse");
  expect(status).toBe(2);
  expect(stderr).toContain("error[git/not-a-repository]");
});

function reportIn(stdout: string): RehearsalReport {
  const last = stdout.trim().split("\n").at(-1) ?? "";
  return JSON.parse(last) as RehearsalReport;
}

/** New entries in HOME beyond the caches that were named for this test. */
function leftInHome(): string[] {
  return readdirSync(acme.home).filter((name) => !["acme", "tmp", "cache", "npm-cache"].includes(name));
}

function scratchFolders(): string[] {
  return readdirSync(acme.temporary, { recursive: true })
    .map(String)
    .filter((name) => /^slipway-\d+\/rehearsal-[^/]+$/.test(name));
}

/** Command lines of processes that know this test's temporary directory. */
function registriesAlive(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        return command.includes("verdaccio") && environment.includes(acme.temporary) ? [command] : [];
      } catch {
        return [];
      }
    });
}

async function gone(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200 && !condition(); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(condition()).toBe(true);
}
