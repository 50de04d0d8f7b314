import { repositoryAt } from "@slipway/host/hot";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { gitEnv, makeRepository } from "../../../host/test/git/repository-of.ts";
import { keepUntracked } from "../../src/hot/keep-untracked.ts";
import { lookForUntracked } from "../../src/hot/kept-untracked.ts";

interface Step {
  readonly what: string;
  readonly act: (place: Place) => void;
  /** How much of what was kept is used. */
  readonly uses: "all" | "most" | "the directories" | "nothing";
}

interface Place {
  readonly write: (path: string, text?: string) => void;
  readonly git: (...args: string[]) => void;
  readonly root: string;
}

const steps: readonly Step[] = [
  { what: "nothing", act: () => {}, uses: "all" },
  { what: "a tracked file changes", act: ({ write }) => write("a/one.ts", "changed"), uses: "all" },
  { what: "what is ignored comes", act: ({ write }) => write("a/dist/x"), uses: "most" },
  { what: "nothing again", act: () => {}, uses: "all" },
  { what: "more of it comes", act: ({ write }) => write("a/dist/y"), uses: "all" },
  { what: "a file comes", act: ({ write }) => write("a/new.ts"), uses: "most" },
  {
    what: "a directory without files comes",
    act: ({ root }) => mkdirSync(join(root, "b/empty")),
    uses: "most",
  },
  { what: "and then a file in it", act: ({ write }) => write("b/empty/in.ts"), uses: "most" },
  {
    what: "a rule takes back what another ignores",
    act: ({ write }) => write("a/.gitignore", "!dist/\n"),
    uses: "most",
  },
  { what: "and there a file comes", act: ({ write }) => write("a/dist/z"), uses: "most" },
  { what: "that rule changes", act: ({ write }) => write("a/.gitignore", "*.ts\n"), uses: "nothing" },
  { what: "that rule goes", act: ({ root }) => rmSync(join(root, "a/.gitignore")), uses: "nothing" },
  {
    what: "a rule comes of this clone alone",
    act: ({ write }) => write(".git/info/exclude", "new.ts\n"),
    uses: "nothing",
  },
  {
    what: "a tracked file is left out",
    act: ({ git }) => git("rm", "-q", "--cached", "a/one.ts"),
    uses: "the directories",
  },
  {
    what: "a tracked directory goes",
    act: ({ root }) => rmSync(join(root, "b"), { recursive: true }),
    uses: "most",
  },
  { what: "another repository comes", act: ({ git }) => git("init", "-q", "other"), uses: "most" },
];

test("what is untracked is told from what was kept as git tells it", async () => {
  const made = makeRepository();
  const root = made.dir;
  made.commit({ ".gitignore": "dist/\n", "a/one.ts": "", "b/two.ts": "" });
  const env = { PATH: gitEnv["PATH"], HOME: root };
  const repository = repositoryAt(root, env);
  if (!repository) throw new Error("there is no repository");
  const write = (path: string, text = ""): void => made.write({ [path]: text });
  await setTimeout(30);
  await keepUntracked(repository, env, lookForUntracked(repository, env));
  for (const { what, act, uses } of steps) {
    act({ root, write, git: (...args) => void made.git(...args) });
    await setTimeout(30);
    const look = lookForUntracked(repository, env);
    const listed = await look.paths;
    expect(listed.toSorted(), what).toEqual((await repository.untrackedFiles()).toSorted());
    expect(used(look), what).toBe(uses);
    await keepUntracked(repository, env, look);
  }
});

function used({ before, index }: ReturnType<typeof lookForUntracked>): Step["uses"] {
  if (!before) return "nothing";
  if (before.kept.index !== index) return "the directories";
  return before.changed.size === 0 ? "all" : "most";
}
