import { afterEach, describe, expect, test } from "vitest";
import type { TaskId } from "@slipway/kernel";
import { manifest, Rig, task } from "./rig.ts";

interface Case {
  readonly title: string;
  readonly one: string;
  readonly two: string;
  /** `two` needs this. */
  readonly needs?: readonly TaskId[];
  /** Tasks of each run, what the run gives, and the first line of dist/both after it. */
  readonly runs: readonly (readonly [asked: string, gives: readonly string[], both: string | null])[];
}

const overlap = "two overlap";
const writesOne = "mkdir -p dist && echo 1 > dist/both";
const writesTwo = "mkdir -p dist && echo 2 > dist/both && echo 2 > dist/two";

const cases: readonly Case[] = [
  {
    title: "no dependency, other bytes: an error, again in the next run",
    one: writesOne,
    two: writesTwo,
    runs: [
      ["one two", ["one miss", overlap], "2"],
      ["one two", ["one hit", overlap], "2"],
    ],
  },
  {
    title: "no dependency, equal bytes: an error",
    one: writesOne,
    two: writesOne,
    runs: [["one two", ["one miss", overlap], "1"]],
  },
  {
    title: "a task that is empty of commands between them is a dependency",
    one: writesOne,
    two: writesTwo,
    needs: ["a#between"],
    runs: [["one between two", ["one miss", "two miss", "notice outputs/shared"], "2"]],
  },
  {
    title: "the second removes what the first has made: an error",
    one: writesOne,
    two: "rm -rf dist && mkdir dist && echo 2 > dist/two",
    runs: [["one two", ["one miss", overlap], null]],
  },
  {
    title:
      "stored by runs of their own, one would be restored over the other: an error, and nothing is written",
    one: writesOne,
    two: writesTwo,
    runs: [
      ["one", ["one miss"], "1"],
      ["two", ["two miss"], "2"],
      ["one two", ["one hit", overlap], "1"],
    ],
  },
  {
    title: "post-processing: one depends on the other, so the later one runs each time",
    one: writesOne,
    two: writesTwo,
    needs: ["a#one"],
    runs: [
      ["one two", ["one miss", "two miss", "notice outputs/shared"], "2"],
      ["one two", ["one hit", "two miss", "notice outputs/shared"], "2"],
    ],
  },
  {
    title: "the later one removes what the earlier one has made: it runs each time",
    one: writesOne,
    two: "rm dist/both && echo 2 > dist/two",
    needs: ["a#one"],
    runs: [
      ["one two", ["one miss", "two miss", "notice outputs/shared"], null],
      ["one two", ["one hit", "two miss", "notice outputs/shared"], null],
    ],
  },
  {
    title: "the same place declared, files of their own: stored and restored",
    one: writesOne,
    two: "mkdir -p dist && echo 2 > dist/two",
    runs: [
      ["one two", ["one miss", "two miss"], "1"],
      ["one two", ["one hit", "two hit"], "1"],
    ],
  },
];

describe("a file that two tasks make", () => {
  const rigs: Rig[] = [];
  const rig = (scripts: Readonly<Record<string, string>>): Rig => {
    const made = new Rig({ "packages/a/package.json": manifest("a", scripts) });
    rigs.push(made);
    return made;
  };
  afterEach(() => {
    for (const each of rigs.splice(0)) each.dispose();
  });

  test.each(cases)("$title", async ({ one, two, needs = [], runs }) => {
    const repo = rig({ one, two });
    const planned = {
      // Whichever takes longer would come first.
      one: task("a#one", { priority: 1 }),
      between: task("a#between", { action: null, needs: ["a#one"] }),
      two: task("a#two", { needs }),
    };
    for (const [asked, gives, both] of runs) {
      const names = asked.split(" ") as (keyof typeof planned)[];
      const ran = await repo.run(
        names.map((name) => planned[name]),
        { options: { concurrency: 4 } },
      );
      const ends = ran.ends.map((end) => end.replace("a#", ""));
      const codes = ran.events.flatMap((event) => (event.type === "task" && event.code ? [event.code] : []));
      const wanted = gives.map((each) => (each === overlap ? "two failed" : each));
      expect([...ends, ...ran.notices.map((code) => `notice ${code}`)]).toEqual(wanted);
      expect(codes).toEqual(gives.includes(overlap) ? ["task/outputs-overlap"] : []);
      expect(ran.finished.exit).toBe(gives.includes(overlap) ? 1 : 0);
      expect(repo.read("packages/a/dist/both")?.trim() ?? null).toBe(both);
    }
  });

  test("the error names the file, both tasks, and what to do", async () => {
    const repo = rig({ one: writesOne, two: writesOne });
    const { reason, hint } = (await repo.run([task("a#one"), task("a#two")])).end("a#two");
    expect([reason, hint]).toEqual([
      "packages/a/dist/both is an output of a#one and of a#two, and no dependency says which of them comes first; its result is not stored",
      "let a#two depend on a#one (or the other way round), or give each of them outputs that only it writes",
    ]);
  });
});
