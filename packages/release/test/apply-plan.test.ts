import { UserError } from "@slipway/kernel";
import type { FileEdit, VersionPlan } from "@slipway/plan";
import { describe, expect, test } from "vitest";
import { applyPlan, completePlan } from "../src/index.ts";
import type { FrozenPlan, RepositoryFiles } from "../src/version/ports.ts";

const edits: readonly FileEdit[] = [
  ...Array.from({ length: 20 }, (_, at) => ({
    path: `packages/${at}/package.json`,
    before: `old ${at}`,
    after: `new ${at}`,
  })),
  { path: "packages/0/CHANGELOG.md", before: null, after: "# 0" },
  { path: "pnpm-lock.yaml", before: "lock", after: "new lock" },
  { path: ".changeset/a.md", before: "words", after: null },
  { path: ".changeset/pre/a.md", before: null, after: "words" },
  { path: ".changeset/pre.json", before: "{}", after: null },
];

const plan: VersionPlan = {
  schema: 1,
  generation: 3,
  generationBecause: "of this test",
  snapshot: false,
  bumps: [],
  edits,
  left: [],
};

class Killed extends Error {}

/** Files and the frozen plan on a disk whose machine dies before or after a given step that changes something. */
function disk() {
  const files = new Map(edits.flatMap(({ path, before }) => (before === null ? [] : [[path, before]])));
  let kept: string | null = null;
  const mount = (deathAt: number, effect: "before" | "after" | "half" = "before") => {
    let steps = 0;
    const step = async (change: () => void, half: () => void = () => undefined): Promise<void> => {
      const at = steps++;
      if (at > deathAt) throw new Killed();
      if (at === deathAt && effect === "before") throw new Killed();
      if (at === deathAt && effect === "half") half();
      else change();
      if (at === deathAt) throw new Killed();
    };
    const port: RepositoryFiles = {
      read: async (path) => files.get(path) ?? null,
      replace: (path, text) =>
        step(
          () => files.set(path, text),
          () => files.set(`${path}.tmp`, text.slice(0, 2)),
        ),
      remove: (path) => step(() => files.delete(path)),
      settle: () => step(() => undefined),
    };
    const frozen: FrozenPlan = {
      read: async () => (kept === null ? null : (JSON.parse(kept) as VersionPlan)),
      keep: (value) => step(() => (kept = JSON.stringify(value))),
      discard: () => step(() => (kept = null)),
    };
    return { port, frozen, steps: () => steps };
  };
  return { files, mount, isFrozen: () => kept !== null };
}

const after = new Map(edits.flatMap(({ path, after: text }) => (text === null ? [] : [[path, text]])));
const before = new Map(edits.flatMap(({ path, before: text }) => (text === null ? [] : [[path, text]])));
const real = (files: ReadonlyMap<string, string>) =>
  new Map([...files].filter(([path]) => !path.endsWith(".tmp")).toSorted(([a], [b]) => (a < b ? -1 : 1)));

async function stepsInAll(): Promise<number> {
  const { mount } = disk();
  const { port, frozen, steps } = mount(Number.POSITIVE_INFINITY);
  await applyPlan(plan, port, frozen);
  return steps();
}

describe("a plan that is applied", () => {
  test.each(["before", "after", "half"] as const)(
    "is completed by the next run, killed %s any step, and again in the completing one",
    async (effect) => {
      const count = await stepsInAll();
      expect(count).toBe(edits.length + 3);
      for (let first = 0; first < count; first++)
        for (const second of [0, 1, 5, Number.POSITIVE_INFINITY]) {
          const { files, mount, isFrozen } = disk();
          const one = mount(first, effect);
          await expect(applyPlan(plan, one.port, one.frozen)).rejects.toThrow(Killed);
          if (!isFrozen()) {
            // Killed before the plan was kept, or after it was done with.
            expect([real(before), real(after)].some((state) => equal(state, real(files)))).toBe(true);
            continue;
          }
          const two = mount(second, effect);
          await completePlan(two.port, two.frozen).catch((error: unknown) =>
            expect(error).toBeInstanceOf(Killed),
          );
          const three = mount(Number.POSITIVE_INFINITY);
          await completePlan(three.port, three.frozen);
          expect(real(files)).toEqual(real(after));
          expect(isFrozen()).toBe(false);
        }
    },
  );

  test("is not begun when one file is neither as it was nor as it will be, and nothing is frozen", async () => {
    const { files, mount, isFrozen } = disk();
    files.set("packages/7/package.json", "somebody's");
    const { port, frozen } = mount(Number.POSITIVE_INFINITY);
    await expect(applyPlan(plan, port, frozen)).rejects.toMatchObject({
      code: "version/changed-meanwhile",
      problems: [{ file: "packages/7/package.json" }],
    });
    expect(isFrozen()).toBe(false);
    expect(files.get("packages/0/package.json")).toBe("old 0");
  });

  test("is kept while somebody else holds what is to follow, and forgotten when that is refused", async () => {
    for (const code of ["git/locked", "version/commit-failed"] as const) {
      const { mount, isFrozen } = disk();
      const { port, frozen } = mount(Number.POSITIVE_INFINITY);
      const whenWritten = async (): Promise<void> => {
        throw new UserError(code, "of this test");
      };
      await expect(applyPlan(plan, port, { ...frozen, whenWritten })).rejects.toMatchObject({ code });
      expect(isFrozen()).toBe(code === "git/locked");
    }
  });

  test("is kept before the first file changes, and forgotten after the last", async () => {
    const { mount } = disk();
    const { port, frozen } = mount(Number.POSITIVE_INFINITY);
    const order: string[] = [];
    const told =
      <A extends unknown[]>(name: string, work: (...given: A) => Promise<void>) =>
      async (...given: A) => {
        order.push(name);
        await work(...given);
      };
    await applyPlan(
      plan,
      {
        ...port,
        replace: told("write", (path: string, text: string) => port.replace(path, text)),
        remove: told("write", (path: string) => port.remove(path)),
        settle: told("settle", () => port.settle()),
      },
      {
        ...frozen,
        keep: told("keep", (value: VersionPlan) => frozen.keep(value)),
        discard: told("discard", () => frozen.discard()),
      },
    );
    expect([order[0], ...order.slice(-2)]).toEqual(["keep", "settle", "discard"]);
    expect(order.filter((each) => each === "write")).toHaveLength(edits.length);
  });
});

function equal(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return JSON.stringify([...one]) === JSON.stringify([...other]);
}
