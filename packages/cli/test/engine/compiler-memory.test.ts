import { afterEach, expect, test } from "vitest";
import { manifest, Rig, task } from "./rig.ts";

const rigs: Rig[] = [];
afterEach(() => {
  for (const each of rigs.splice(0)) each.dispose();
});

/** Writes what its memory does not know yet, and nothing else, as tsc does. */
const incremental = (memory: string): string =>
  [
    `mkdir -p dist "$(dirname ${memory})"`,
    `touch ${memory}`,
    `for f in src/*; do grep -qx "$f $(cat $f)" ${memory} || { cp $f dist/ && echo "$f $(cat $f)" >> ${memory}; }; done`,
  ].join("; ");

const declared = ".cache/tsbuildinfo.json";

function rig(memory: string, shared?: Rig): Rig {
  const scripts = { build: incremental(memory), check: `mkdir -p .cache; echo checked >> ${memory}` };
  const sources = { "packages/a/src/one": "1", "packages/a/src/two": "2" };
  const ignored = "dist/\n.cache/\n*.tsbuildinfo\nnode_modules/\n";
  const files = { ...sources, "packages/a/package.json": manifest("a", scripts), ".gitignore": ignored };
  const made = new Rig(files, shared);
  rigs.push(made);
  return made;
}

function built(repo: Rig): (string | null)[] {
  return ["one", "two"].map((name) => repo.read(`packages/a/dist/${name}`));
}

const memory = `packages/a/${declared}`;
const build = task("a#build", { outputSpec: { include: ["packages/a/dist/**", memory], exclude: [] } });
const check = task("a#check", { outputSpec: { include: [memory], exclude: [] } });

test("tasks that declare one memory of the compiler's are both stored, and each writes everything", async () => {
  const repo = rig(declared);
  const both = await repo.run([build, check]);
  expect([both.ends.toSorted(), both.notices]).toEqual([["a#build miss", "a#check miss"], []]);
  repo.write({ "packages/a/src/one": "changed" });
  await repo.run([check]);
  const alone = await repo.run([build]);
  expect([alone.ends, alone.notices, built(repo)]).toEqual([["a#build miss"], [], ["changed", "2"]]);
  repo.remove("packages/a/dist");
  const restored = await repo.run([build, check]);
  expect([restored.ends.toSorted(), restored.notices]).toEqual([["a#build hit", "a#check hit"], []]);
  expect(built(repo)).toEqual(["changed", "2"]);
});

test("a memory that came out of the cache hides nothing from a task that has to run", async () => {
  const first = rig(declared);
  await first.run([build]);
  await first.run([check]);
  const second = rig(declared, first);
  expect((await second.run([check])).ends).toEqual(["a#check hit"]);
  const forced = await second.run([build], { options: { cache: { read: false, write: true } } });
  expect([forced.ends, built(second)]).toEqual([["a#build miss"], ["1", "2"]]);
});

const undeclared = ["tsconfig.tsbuildinfo", ".cache/tsbuildinfo.json", "node_modules/.cache/a.tsbuildinfo"];

test.each(undeclared)(
  "with an undeclared memory (%s) nothing is removed, and nobody else gets what was made of it",
  async (path) => {
    const only = task("a#build");
    const repo = rig(path);
    expect((await repo.run([only])).notices).toEqual([]);
    repo.write({ "packages/a/src/one": "changed" });
    const kept = await repo.run([only]);
    expect([kept.notices, built(repo)]).toEqual([["outputs/kept"], ["changed", "2"]]);
    repo.remove("packages/a/dist");
    repo.write({ "packages/a/src/one": "again" });
    const partial = await repo.run([only]);
    expect([partial.notices, built(repo)]).toEqual([["outputs/kept"], ["again", null]]);
    const other = rig(path, repo);
    other.write({ "packages/a/src/one": "again" });
    expect([(await other.run([only])).ends, built(other)]).toEqual([["a#build miss"], ["again", "2"]]);
  },
);
