import { chmodSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { processTree } from "@slipway/host";
import { afterEach, expect, test } from "vitest";
import { manifest, Rig, task } from "./rig.ts";

const rigs: Rig[] = [];
function rig(files: Readonly<Record<string, string>>, shared?: Rig): Rig {
  const made = new Rig(files, shared);
  rigs.push(made);
  return made;
}
afterEach(() => {
  for (const each of rigs.splice(0)) each.dispose();
});

const copy = "mkdir -p dist && cp src/*.txt dist/ && echo built";
const two = {
  "packages/a/package.json": manifest("a", { build: copy }),
  "packages/a/src/a.txt": "a1",
  "packages/b/package.json": manifest("b", { build: `${copy} && cat ../a/dist/a.txt > dist/from-a.txt` }),
  "packages/b/src/b.txt": "b1",
  "packages/c/package.json": manifest("c", { build: copy }),
  "packages/c/src/c.txt": "c1",
};
const plan = [task("a#build"), task("c#build"), task("b#build", { needs: ["a#build"] })];

test("a second run is all hits, and what changed reruns with its dependents and nothing else", async () => {
  const repo = rig(two);
  const first = await repo.run(plan);
  expect(first.ends.toSorted()).toEqual(["a#build miss", "b#build miss", "c#build miss"]);
  expect(repo.read("packages/b/dist/from-a.txt")).toBe("a1");
  const second = await repo.run(plan);
  expect(second.ends.toSorted()).toEqual(["a#build hit", "b#build hit", "c#build hit"]);
  expect(second.end("a#build").from).toBe("work-tree");
  expect(second.log("a#build")).toBe("built\n");
  repo.write({ "packages/a/src/a.txt": "a2" });
  const third = await repo.run(plan);
  expect(third.ends.toSorted()).toEqual(["a#build miss", "b#build miss", "c#build hit"]);
  expect(third.end("a#build").reason).toBe("packages/a/src/a.txt changed");
  expect(third.end("b#build").reason).toBe("a#build changed");
  expect(repo.read("packages/b/dist/from-a.txt")).toBe("a2");
  expect(third.finished).toMatchObject({ tasks: 3, hits: 1, misses: 2, failed: 0, exit: 0 });
});

test("outputs that were deleted or damaged come back with their bits, links and log", async () => {
  const repo = rig({
    "packages/a/package.json": manifest("a", {
      build:
        "mkdir -p dist/deep && echo run > dist/tool && chmod +x dist/tool && ln -s ../tool dist/deep/link; echo done",
    }),
  });
  await repo.run([task("a#build")]);
  repo.remove("packages/a/dist");
  const restored = await repo.run([task("a#build")]);
  expect(restored.end("a#build")).toMatchObject({ cache: "hit", from: "store" });
  expect(restored.log("a#build")).toBe("done\n");
  expect(repo.mode("packages/a/dist/tool") & 0o111).toBe(0o111);
  expect(readlinkSync(join(repo.root, "packages/a/dist/deep/link"))).toBe("../tool");
  repo.write({ "packages/a/dist/tool": "no!" });
  expect((await repo.run([task("a#build")])).end("a#build").from).toBe("store");
  expect(repo.read("packages/a/dist/tool")).toBe("run\n");
});

test("what an earlier version made and nobody changed goes away; a stray file and a tracked one stay", async () => {
  const repo = rig({ ...two, "packages/a/src/old.txt": "old" });
  repo.write({ "packages/a/dist/tracked.txt": "tracked" });
  repo.git("add", "-f", "packages/a/dist/tracked.txt");
  repo.commit();
  await repo.run(plan);
  repo.remove("packages/a/src/old.txt");
  repo.write({ "packages/a/dist/mine.txt": "stray" });
  const again = await repo.run(plan);
  expect(again.notices).toEqual(["outputs/left-over"]);
  expect(repo.read("packages/a/dist/old.txt")).toBeNull();
  expect(repo.read("packages/a/dist/mine.txt")).toBe("stray");
  expect(repo.read("packages/a/dist/tracked.txt")).toBe("tracked");
});

test("a result whose inputs changed while the task ran is said and not stored", async () => {
  const repo = rig({
    "packages/a/package.json": manifest("a", { build: "mkdir -p dist; echo x > src.txt; cp src.txt dist" }),
  });
  const first = await repo.run([task("a#build")]);
  expect(first.notices).toEqual(["inputs/changed-while-running"]);
  const second = await repo.run([task("a#build")]);
  expect(second.end("a#build")).toMatchObject({ cache: "miss" });
});

test("a failure stops dependents only and sets the exit status", async () => {
  const repo = rig({ ...two, "packages/a/package.json": manifest("a", { build: "echo no; exit 3" }) });
  const ran = await repo.run(plan);
  expect(ran.ends.toSorted()).toEqual(["a#build failed", "b#build skipped", "c#build miss"]);
  expect(ran.end("a#build")).toMatchObject({ exitCode: 3, reason: "exit code 3" });
  expect(ran.end("b#build").reason).toBe("a#build did not succeed");
  expect(ran.finished).toMatchObject({ failed: 1, skipped: 1, exit: 1 });
});

test("pre and post scripts run, and a script sees its package manager's variables and every .bin above it", async () => {
  const repo = rig({
    "node_modules/.bin/root-tool": "#!/bin/sh\necho root tool",
    "packages/a/package.json": manifest("a", {
      prebuild: "echo pre",
      build: 'root-tool; echo "$npm_lifecycle_event $npm_package_name $INIT_CWD"',
      postbuild: "echo post",
    }),
  });
  chmodSync(join(repo.root, "node_modules/.bin/root-tool"), 0o755);
  const ran = await repo.run([task("a#build")]);
  expect(ran.log("a#build")).toBe(`pre\nroot tool\nbuild a ${repo.root}\npost\n`);
});

test("variables that look secret are dropped unless they are declared, and a strict run passes only what is declared", async () => {
  const echo = {
    "packages/a/package.json": manifest("a", { build: 'echo "$NPM_TOKEN|$OTHER|$MINE_TOKEN"' }),
  };
  const repo = rig(echo);
  const env = { NPM_TOKEN: "secret", OTHER: "other", MINE_TOKEN: "mine" };
  const declared = task("a#build", { passThroughEnv: ["MINE_TOKEN"], cache: false });
  expect((await repo.run([declared], { env })).log("a#build")).toBe("|other|mine\n");
  expect((await repo.run([declared], { env, envMode: "strict" })).log("a#build")).toBe("||mine\n");
  expect((await repo.run([declared], { env, envMode: "loose" })).log("a#build")).toBe("secret|other|mine\n");
});

test("a declared variable counts, and its value is named as the reason", async () => {
  const repo = rig(two);
  const one = task("a#build", { env: ["MODE"] });
  await repo.run([one], { env: { MODE: "dev" } });
  const second = await repo.run([one], { env: { MODE: "prod" } });
  expect(second.end("a#build").reason).toBe("the variable MODE changed");
  expect(second.end("a#build").differences).toEqual([{ at: ["env", "MODE"], before: "dev", after: "prod" }]);
  expect((await repo.run([one], { env: { MODE: "dev" } })).ends).toEqual(["a#build hit"]);
});

test("another work tree takes results from the same store, and another trust domain does not", async () => {
  const first = rig(two);
  await first.run(plan);
  const second = rig(two, first);
  const taken = await second.run(plan);
  expect(taken.finished).toMatchObject({ hits: 3, misses: 0 });
  expect(second.read("packages/b/dist/from-a.txt")).toBe("a1");
  const third = rig(two, first);
  expect((await third.run(plan, { options: { trustDomain: "pull-request" } })).finished).toMatchObject({
    hits: 0,
  });
});

test("nothing but declared outputs lands in the work tree", async () => {
  const repo = rig(two);
  await repo.run(plan);
  expect(repo.git("status", "--porcelain")).toBe("");
});

test("tasks that share their outputs run one after the other, and each result holds what its task wrote", async () => {
  const scripts = {
    one: "sleep 0.1; mkdir -p dist && echo 1 > dist/one && sleep 0.1",
    two: "mkdir -p dist/deep && echo half > dist/deep/two && sleep 0.2 && echo 2 > dist/deep/two",
  };
  const repo = rig({ "packages/a/package.json": manifest("a", scripts) });
  const tasks = [task("a#one"), task("a#two")];
  const first = await repo.run(tasks);
  expect([first.ends.toSorted(), first.notices]).toEqual([["a#one miss", "a#two miss"], []]);
  repo.remove("packages/a/dist");
  const second = await repo.run(tasks.toReversed());
  expect([second.ends.toSorted(), second.notices]).toEqual([["a#one hit", "a#two hit"], []]);
  expect([repo.read("packages/a/dist/one"), repo.read("packages/a/dist/deep/two")]).toEqual(["1\n", "2\n"]);
});

test("an interrupted run ends whole process trees and says 130", async () => {
  const repo = rig({
    "packages/a/package.json": manifest("a", { build: "(trap '' INT; sleep 60) & echo $!; sleep 60" }),
    "packages/b/package.json": manifest("b", { build: "echo never" }),
  });
  const stop = new AbortController();
  const ran = await repo.run([task("a#build"), task("b#build", { needs: ["a#build"] })], {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === "output") stop.abort();
    },
  });
  expect(ran.finished.exit).toBe(130);
  expect(ran.ends).toEqual(["a#build failed", "b#build skipped"]);
  const background = Number(ran.log("a#build").trim());
  expect(processTree(background)).toEqual([]);
});
