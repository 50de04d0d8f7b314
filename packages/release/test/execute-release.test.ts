import { expect, test } from "vitest";
import { batchOf, Crash, planFor, release, seeded, type Fault } from "./simulated-world.ts";

const batch = batchOf(4);

async function calmFacts(): Promise<{ facts: unknown; actions: number }> {
  const world = seeded(batch);
  const result = await release(world, batch, planFor(world, batch));
  expect(result.state).toBe("finished");
  return { facts: world.facts(), actions: world.actions };
}

test("an undisturbed release ends with every version visible, tagged, and no batch tag left", async () => {
  const world = seeded(batch);
  const plan = planFor(world, batch);
  const result = await release(world, batch, plan);
  expect(result.released.map(({ name }) => name)).toEqual(["p0", "p1", "p2", "p3"]);
  expect(world.uploads).toEqual(["p0@1.1.0", "p1@1.1.0", "p2@1.1.0", "p3@1.1.0"]);
  for (const { name } of batch.candidates) expect(world.view(name)?.distTags).toEqual({ latest: "1.1.0" });
  expect(Object.fromEntries(world.gitTags)).toEqual({
    "p0@1.1.0": "c1",
    "p1@1.1.0": "c1",
    "p2@1.1.0": "c1",
    "p3@1.1.0": "c1",
    [`release-${plan.id}`]: "c1",
  });
  expect(world.violations).toEqual([]);
});

test("a release that dies at any action ends the same when it is run again with its journal", async () => {
  const calm = await calmFacts();
  for (const fault of ["crash-before", "crash-after"] as const) {
    for (let at = 1; at <= calm.actions; at++) {
      const world = seeded(batch);
      const plan = planFor(world, batch);
      world.fault = (action) => (action === at ? fault : null);
      await expect(release(world, batch, plan), `${fault} ${at}`).rejects.toThrow(Crash);
      world.fault = () => null;
      const result = await release(world, batch, plan);
      expect(result.state, `${fault} ${at}`).toBe("finished");
      expect(world.facts(), `${fault} ${at}`).toEqual(calm.facts);
      expect(new Set(world.uploads).size, `${fault} ${at}`).toBe(world.uploads.length);
      expect(world.violations).toEqual([]);
    }
  }
});

test("a release whose machine is lost at any action is adopted by another machine that builds other bytes", async () => {
  const calm = await calmFacts();
  const rebuilt = batchOf(4, " rebuilt");
  for (let at = 1; at <= calm.actions; at++) {
    const world = seeded(batch);
    world.fault = (action) => (action === at ? "crash-after" : null);
    await expect(release(world, batch, planFor(world, batch))).rejects.toThrow(Crash);
    const uploaded = [...world.uploads];
    world.fault = () => null;
    world.journal = "";
    const result = await release(world, rebuilt, planFor(world, rebuilt));
    expect(result.state, `crash at ${at}`).toBe("finished");
    for (const { name } of batch.candidates) {
      expect(world.view(name)?.distTags, `crash at ${at}`).toEqual({ latest: "1.1.0" });
      expect(world.gitTags.get(`${name}@1.1.0`), `crash at ${at}`).toBe("c1");
    }
    expect(world.uploads.slice(0, uploaded.length)).toEqual(uploaded);
    expect(new Set(world.uploads).size).toBe(world.uploads.length);
  }
});

test.each<Fault>(["refused", "lost", "busy", "unreachable"])(
  "any single write that is %s still ends in one run with the same facts",
  async (fault) => {
    const calm = await calmFacts();
    for (let at = 1; at <= calm.actions; at++) {
      const world = seeded(batch);
      world.fault = (action, name) => (action === at && !/^(append|view)$/.test(name) ? fault : null);
      const result = await release(world, batch, planFor(world, batch));
      expect(result.state, `${fault} ${at}`).toBe("finished");
      expect(world.facts(), `${fault} ${at}`).toEqual(calm.facts);
    }
  },
);

test("a stale packument delays a release and changes nothing in it", async () => {
  const calm = await calmFacts();
  for (let at = 1; at <= calm.actions; at++) {
    const world = seeded(batch);
    world.fault = (action, name) => (action === at && name === "view" ? "stale" : null);
    const result = await release(world, batch, planFor(world, batch));
    expect(result.state, `stale at ${at}`).toBe("finished");
    expect(world.facts(), `stale at ${at}`).toEqual(calm.facts);
  }
});

test("foreign bytes under a version of the batch stop it before its first upload, naming both digests", async () => {
  const world = seeded(batch);
  const plan = planFor(world, batch);
  world.put({ name: "p3", version: "1.1.0", bytes: new Uint8Array([1]), tag: "latest", metadata: {} });
  const result = await release(world, batch, plan);
  expect(result.state).toBe("conflict");
  expect(world.uploads).toEqual([]);
  expect(result.conflicts).toMatchObject([
    { name: "p3", sealed: expect.stringMatching(/^sha512-/), served: expect.stringMatching(/^sha512-/) },
  ]);
});

test("a package that is refused parks its dependents, and no dist-tag of the batch moves", async () => {
  const world = seeded(batch);
  const plan = planFor(world, batch);
  world.fault = (_, name) => (name === "upload p2" ? "refused" : null);
  const result = await release(world, batch, plan);
  expect(result.state).toBe("unfinished");
  expect(result.parked.find(({ name }) => name === "p3")?.waitsFor).toBe("p2");
  expect(world.view("p1")?.distTags["latest"]).toBe("1.0.0");
  expect([...world.gitTags]).toEqual([]);
  world.fault = () => null;
  expect((await release(world, batch, plan)).state).toBe("finished");
});

test("a finished release has nothing left to plan", async () => {
  const world = seeded(batch);
  await release(world, batch, planFor(world, batch));
  const again = planFor(world, batch);
  expect(again.packages).toEqual([]);
  expect(again.gitTags).toEqual([]);
});

test("git tags that a batch did not get to make are healed at the batch's commit, not at the current one", async () => {
  const world = seeded(batch);
  await release(world, batch, planFor(world, batch));
  world.gitTags.delete("p2@1.1.0");
  world.journal = "";
  const plan = planFor(world, batch, "c2");
  expect(plan.gitTags).toEqual([{ name: "p2@1.1.0", commit: "c1", package: "p2", version: "1.1.0" }]);
  expect((await release(world, batch, plan)).state).toBe("finished");
  expect(world.gitTags.get("p2@1.1.0")).toBe("c1");
});
