import { renameSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "@slipway/run";
import { afterEach, expect, test } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";
import { manifest, Rig } from "./rig.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

const copy = "mkdir -p dist && cat src/* > dist/all";
const files = {
  "package.json": JSON.stringify({ name: "root", private: true, workspaces: ["packages/*"] }),
  "package-lock.json": JSON.stringify({ name: "root", lockfileVersion: 3, packages: {} }),
  "turbo.json": JSON.stringify({
    tasks: { build: { dependsOn: ["^build"], outputs: ["dist/**"] }, check: { cache: false } },
  }),
  "packages/a/package.json": manifest("a", { build: copy, check: "true" }),
  "packages/a/src/a.txt": "a1",
  "packages/b/package.json": JSON.stringify({
    name: "b",
    version: "1.0.0",
    dependencies: { a: "*" },
    scripts: { build: `${copy} && cat ../a/dist/all >> dist/all`, check: "true" },
  }),
  "packages/b/src/b.txt": "b1",
};

/** A watched run in a repository, and its rounds: which tasks started in each. */
class Watch {
  readonly repo: Rig;
  readonly said: string[] = [];
  readonly #stop = new AbortController();
  readonly #rounds: string[][] = [];
  readonly #ended: Promise<number>;
  #taken = 0;
  #wake = (): void => {};

  constructor(line: string, more: Readonly<Record<string, string>> = {}, onStart?: (id: string) => void) {
    this.repo = new Rig({ ...files, ...more });
    let starts: string[] = [];
    const outside = testOutside({
      cwd: this.repo.root,
      env: { ...this.repo.env, SLIPWAY_CACHE_DIR: this.repo.cacheDir },
      signal: this.#stop.signal,
      say: (text) => {
        this.said.push(text);
        this.#wake();
      },
      answer: (text) => {
        const event = JSON.parse(text) as RunEvent;
        if (event.type === "start") {
          starts.push(event.id);
          onStart?.(event.id);
        }
        if (event.type !== "finished") return;
        this.#rounds.push(starts);
        starts = [];
      },
    });
    this.#ended = dispatch([...line.split(" "), "--watch", "--json"], outside);
    undo.push(() => this.repo.dispose());
    undo.push(() => this.end());
  }

  end(): Promise<number> {
    this.#stop.abort();
    return this.#ended;
  }

  /** What started in the next round, when that has ended. */
  async round(): Promise<readonly string[]> {
    await this.until(() => this.#rounds.length > this.#taken && this.#idle() === this.#rounds.length);
    return this.#rounds[this.#taken++] ?? [];
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<"said">();
      this.#wake = () => resolve("said");
      if ((await Promise.race([promise, this.#ended])) !== "said") throw new Error(this.said.join("\n"));
    }
  }

  #idle(): number {
    return this.said.filter((line) => line.startsWith("watching")).length;
  }
}

test("an edit runs the tasks whose inputs it changes, and those that need them, and nothing else", async () => {
  const watch = new Watch("run build check");
  const { repo } = watch;
  expect((await watch.round()).toSorted()).toEqual(["a#build", "a#check", "b#build", "b#check"]);
  repo.write({ "packages/b/src/b.txt": "b2" });
  expect((await watch.round()).toSorted()).toEqual(["b#build", "b#check"]);
  // As editors save: under another name, and then renamed.
  repo.write({ "packages/a/src/.a.txt.swp": "a2" });
  renameSync(join(repo.root, "packages/a/src/.a.txt.swp"), join(repo.root, "packages/a/src/a.txt"));
  expect((await watch.round()).toSorted()).toEqual(["a#build", "a#check", "b#build"]);
  expect(repo.read("packages/b/dist/all")).toBe("b2a2");
  // What tasks write, what git ignores: no round at all. A time stamp: a round in which nothing starts.
  repo.write({ "packages/a/dist/stray": "x", "packages/a/node_modules/x/index.js": "x" });
  utimesSync(join(repo.root, "packages/a/src/a.txt"), 1, 1);
  expect(await watch.round()).toEqual([]);
  repo.write({ "packages/a/more/deep.txt": "" });
  expect((await watch.round()).toSorted()).toEqual(["a#build", "a#check", "b#build"]);
  repo.remove("packages/b/src/b.txt");
  repo.write({ "packages/b/src/c.txt": "c" });
  expect((await watch.round()).toSorted()).toEqual(["b#build", "b#check"]);
  expect(await watch.end()).toBe(130);
});

test("configuration, new packages and other branches are planned anew; a fault in them is said and waited out", async () => {
  const watch = new Watch("run build");
  const { repo } = watch;
  await watch.round();
  repo.write({ "turbo.json": "{" });
  await watch.until(() => watch.said.some((line) => line.includes("error[config/malformed]: turbo.json")));
  repo.write({ "turbo.json": files["turbo.json"] });
  expect(await watch.round()).toEqual([]);
  repo.write({ "packages/c/package.json": manifest("c", { build: copy }), "packages/c/src/c.txt": "c" });
  expect(await watch.round()).toEqual(["c#build"]);
  repo.commit();
  repo.git("switch", "-q", "-c", "other");
  repo.write({ "packages/c/src/c.txt": "c2" });
  expect(await watch.round()).toEqual(["c#build"]);
  repo.commit();
  repo.write({ "packages/a/src/a.txt": "a2" });
  expect((await watch.round()).toSorted()).toEqual(["a#build", "b#build"]);
  repo.commit();
  // All of it is in the cache from before.
  repo.git("switch", "-q", "main");
  expect(await watch.round()).toEqual([]);
  expect(repo.read("packages/b/dist/all")).toBe("b1a1");
});

test.each([
  { interruptible: false, check: 'until [ "$(cat src/a.txt)" = a2 ]; do sleep 0.02; done' },
  { interruptible: true, check: '[ "$(cat src/a.txt)" = a2 ] || sleep 600' },
])("what changes while a task runs makes it run again (interruptible: $interruptible)", async (one) => {
  const { interruptible, check } = one;
  const more = {
    "turbo.json": JSON.stringify({ tasks: { check: { cache: false, interruptible } } }),
    "packages/a/package.json": manifest("a", { check }),
  };
  const watch: Watch = new Watch("run check --filter a", more, () => {
    watch.repo.write({ "packages/a/src/a.txt": "a2" });
  });
  expect(await watch.round()).toEqual(["a#check"]);
  expect(await watch.round()).toEqual(["a#check"]);
});

test("a task that changes its own inputs runs a few times and is then left alone until something else changes", async () => {
  const watch = new Watch("run check --filter a", {
    "packages/a/package.json": manifest("a", { check: "date +%N >> src/log.txt" }),
  });
  await watch.until(() => watch.said.some((line) => line.includes("run again when something else changes")));
  const rounds = watch.said.filter((line) => line.startsWith("watching")).length;
  for (let at = 0; at < rounds; at++) expect(await watch.round()).toEqual(["a#check"]);
  watch.repo.write({ "packages/a/src/a.txt": "a2" });
  expect(await watch.round()).toEqual(["a#check"]);
});

test("the sources of a package that has no build are watched for those that use them", async () => {
  const watch = new Watch("run build", {
    "packages/a/package.json": manifest("a", {}),
    "packages/b/package.json": JSON.stringify({
      name: "b",
      version: "1.0.0",
      dependencies: { a: "*" },
      scripts: { build: "mkdir -p dist && cat ../a/src/* > dist/all" },
    }),
  });
  const { repo } = watch;
  expect(await watch.round()).toEqual(["b#build"]);
  repo.write({ "packages/a/src/a.txt": "a2" });
  expect(await watch.round()).toEqual(["b#build"]);
  expect(repo.read("packages/b/dist/all")).toBe("a2");
  // What a link leads to is watched as the link is.
  repo.write({ "shared/x.txt": "x1" });
  symlinkSync("../../../shared/x.txt", join(repo.root, "packages/a/src/b.txt"));
  expect(await watch.round()).toEqual(["b#build"]);
  repo.write({ "shared/x.txt": "x2" });
  expect(await watch.round()).toEqual(["b#build"]);
  expect(repo.read("packages/b/dist/all")).toBe("a2x2");
});
