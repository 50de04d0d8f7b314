import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalStore, RestoreThread } from "@slipway/host";
import type { RunEvent, TaskEnded } from "@slipway/run";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "./rig.ts";

const slipway = fileURLToPath(new URL("../../bin/slipway.cjs", import.meta.url));
const program = fileURLToPath(new URL("../../dist/restore-worker.cjs", import.meta.url));
const names = Array.from({ length: 12 }, (_, at) => `p${String(at).padStart(2, "0")}`);
const script = "mkdir -p dist/deep && cp src.txt dist/one.txt && cp src.txt dist/deep/two.txt && echo built";

let repo: Rig;
beforeEach(() => {
  const packages = names.flatMap((name, at) => {
    const needs = at === 0 ? {} : { [names[at - 1] ?? ""]: "workspace:*" };
    return [
      [
        `packages/${name}/package.json`,
        JSON.stringify({ name, version: "1.0.0", scripts: { build: script }, dependencies: needs }),
      ],
      [`packages/${name}/src.txt`, `${name}\n`],
    ] as const;
  });
  repo = new Rig({
    "package.json": JSON.stringify({ name: "root", packageManager: "pnpm@10.0.0" }),
    "pnpm-workspace.yaml": "packages: [packages/*]\n",
    "turbo.json": JSON.stringify({ tasks: { build: { dependsOn: ["^build"], outputs: ["dist/**"] } } }),
    ...Object.fromEntries(packages),
  });
  run();
  run();
});
afterEach(() => repo.dispose());

/** The bundled command, told to use its second thread for however few files. */
function run(): RunEvent[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [slipway, "run", "build", "--json"], {
    cwd: repo.root,
    env: { ...repo.env, XDG_CACHE_HOME: repo.cacheDir, SLIPWAY_SECOND_THREAD_FROM: "1" },
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const lines = stdout.trim().split("\n");
  return lines.map((line) => JSON.parse(line) as RunEvent);
}

function removeOutputs(): void {
  for (const name of names) repo.remove(`packages/${name}/dist`);
}

function ends(events: readonly RunEvent[]): readonly TaskEnded[] {
  return events.filter((event) => event.type === "task");
}

function howTheyEnded(events: readonly RunEvent[]): Record<string, string> {
  return Object.fromEntries(
    ends(events).map(({ id, cache, from }) => [id.replace("#build", ""), `${cache} ${from ?? ""}`.trim()]),
  );
}

function expectWhole(): void {
  for (const name of names) {
    expect(repo.read(`packages/${name}/dist/one.txt`)).toBe(`${name}\n`);
    expect(repo.read(`packages/${name}/dist/deep/two.txt`)).toBe(`${name}\n`);
  }
}

function all(how: string, others: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...Object.fromEntries(names.map((name) => [name, how])), ...others };
}

test("what is gone is put back in the order of its needs, and is found in place after that", () => {
  removeOutputs();
  const events = run();
  expect(howTheyEnded(events)).toEqual(all("hit store"));
  expect(Object.keys(howTheyEnded(events))).toEqual(names);
  expectWhole();
  expect(howTheyEnded(run())).toEqual(all("hit work-tree"));
});

test("a damaged entry is told, and its task runs; the others are put back", () => {
  const bad = ends(run()).find(({ id }) => id === "p07#build")?.fingerprint ?? "";
  const entry = join(storeDir(), "ac", bad.slice(0, 2), bad);
  const bytes = readFileSync(entry);
  bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
  rmSync(entry);
  writeFileSync(entry, bytes);
  removeOutputs();
  const ran = run();
  expect(howTheyEnded(ran)).toMatchObject(all("hit store", { p07: "miss", ...whatever(8) }));
  const notices = ran.flatMap((event) => (event.type === "notice" ? [`${event.id} ${event.code}`] : []));
  expect(notices).toEqual(["p07#build cache/damaged"]);
  expectWhole();
  expect(howTheyEnded(run())).toEqual(all("hit work-tree"));
});

/** What needs the task that ran is looked at again: it may stand there already, put back before that. */
function whatever(from: number): Record<string, unknown> {
  return Object.fromEntries(names.slice(from).map((name) => [name, expect.stringMatching(/^hit /)]));
}

function storeDir(): string {
  const [found] = readdirSync(repo.cacheDir, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith("/ac"),
  );
  return join(repo.cacheDir, found ?? "", "..");
}

test("a change elsewhere runs, and what was gone beside it is put back", () => {
  removeOutputs();
  repo.write({ "packages/p05/src.txt": "p05\n", "packages/p09/note.txt": "new\n" });
  const ended = howTheyEnded(run());
  for (const name of names.slice(0, 9)) expect(ended[name]).toBe("hit store");
  for (const name of names.slice(9)) expect(ended[name]).toBe("miss");
  expectWhole();
});

test("the bundle has the program of that thread", async () => {
  const place = { dir: join(repo.root, "store"), root: repo.root, stagingDir: join(repo.root, "staging") };
  const fingerprint = "a".repeat(64);
  const path = "packages/p00/dist/one.txt";
  const request = { paths: [path], log: [], durationMs: 1, owned: () => true, keep: true };
  const { outputs } = await new LocalStore(place).store(fingerprint, request);
  removeOutputs();
  const ahead = RestoreThread.start(program)?.into({ ...place, locksDir: join(repo.root, "locks") });
  const spec = { include: ["packages/p00/dist/**"], exclude: [] };
  ahead?.begin([{ id: "a", fingerprint, spec, outputs, isOwn: () => false }]);
  await expect.poll(() => repo.read(path), { timeout: 20_000 }).toBe("p00\n");
  expect(await ahead?.take("a")).toMatchObject([{ path, owned: true }]);
  await ahead?.end();
});
