import { UserError } from "@slipway/kernel";
import { expect, test } from "vitest";
import { batchOf, planned, release, seeded, type SealedBatch } from "./simulated-batch.ts";
import { Crash, SimulatedMachine } from "./simulated-machine.ts";
import type { Fault, SimulatedWorld } from "./simulated-world.ts";

const batch = batchOf(4);

/** Actions are counted from the first of the release on: its plan stands. */
async function begun(): Promise<{ machine: SimulatedMachine; world: SimulatedWorld; sealed: SealedBatch }> {
  const machine = seeded(batch);
  const sealed = await planned(machine, batch);
  machine.world.actions = 0;
  return { machine, world: machine.world, sealed };
}

async function calmFacts(): Promise<{ facts: unknown; actions: number }> {
  const { machine, world, sealed } = await begun();
  const result = await release(machine, sealed);
  expect(result.state).toBe("finished");
  return { facts: world.facts(), actions: world.actions };
}

test("an undisturbed release ends with every version visible, tagged, and no batch tag left", async () => {
  const { machine, world, sealed } = await begun();
  const result = await release(machine, sealed);
  expect(result.released.map(({ name }) => name)).toEqual(["p0", "p1", "p2", "p3"]);
  expect(world.uploads).toEqual(["p0@1.1.0", "p1@1.1.0", "p2@1.1.0", "p3@1.1.0"]);
  for (const { name } of batch.candidates) expect(world.view(name)?.distTags).toEqual({ latest: "1.1.0" });
  expect(Object.fromEntries(world.gitTags)).toEqual({
    "p0@1.1.0": "c1",
    "p1@1.1.0": "c1",
    "p2@1.1.0": "c1",
    "p3@1.1.0": "c1",
    [`release-${sealed.plan.id}`]: "c1",
  });
  expect(world.violations).toEqual([]);
});

test("a release that dies at any action ends the same when it is run again with its journal", async () => {
  const calm = await calmFacts();
  for (const fault of ["crash-before", "crash-after"] as const) {
    for (let at = 1; at <= calm.actions; at++) {
      const { machine, world, sealed } = await begun();
      world.fault = (action) => (action === at ? fault : null);
      await expect(release(machine, sealed), `${fault} ${at}`).rejects.toThrow(Crash);
      world.fault = () => null;
      const result = await release(machine, sealed);
      expect(result.state, `${fault} ${at}`).toBe("finished");
      expect(world.facts(), `${fault} ${at}`).toEqual(calm.facts);
      expect(new Set(world.uploads).size, `${fault} ${at}`).toBe(world.uploads.length);
      expect(world.violations).toEqual([]);
    }
  }
});

test("a release whose machine is lost at any action is adopted by another machine that builds other bytes", async () => {
  const calm = await calmFacts();
  const rebuilt = batchOf(4, "rebuilt ");
  for (let at = 1; at <= calm.actions; at++) {
    const { machine, world, sealed } = await begun();
    world.fault = (action) => (action === at ? "crash-after" : null);
    await expect(release(machine, sealed)).rejects.toThrow(Crash);
    const uploaded = [...world.uploads];
    world.fault = () => null;
    const other = new SimulatedMachine(world);
    const result = await release(other, await planned(other, rebuilt));
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
      const { machine, world, sealed } = await begun();
      world.fault = (action, name) => (action === at && !/^(append|view|download)/.test(name) ? fault : null);
      const result = await release(machine, sealed);
      expect(result.state, `${fault} ${at}`).toBe("finished");
      expect(world.facts(), `${fault} ${at}`).toEqual(calm.facts);
    }
  },
);

test("a stale packument delays a release and changes nothing in it", async () => {
  const calm = await calmFacts();
  for (let at = 1; at <= calm.actions; at++) {
    const { machine, world, sealed } = await begun();
    world.fault = (action, name) => (action === at && name.startsWith("view") ? "stale" : null);
    const result = await release(machine, sealed);
    expect(result.state, `stale at ${at}`).toBe("finished");
    expect(world.facts(), `stale at ${at}`).toEqual(calm.facts);
  }
});

test("foreign bytes under a version of the batch stop it before its first upload, naming both digests", async () => {
  const { machine, world, sealed } = await begun();
  world.put({ name: "p3", version: "1.1.0", bytes: new Uint8Array([1]), tag: "latest", metadata: {} });
  // Six minutes after the plan was made; with what was seen then, an upload finds them, and nothing more is sent.
  world.nowMs += 360_000;
  const result = await release(machine, sealed);
  expect(result.state).toBe("conflict");
  expect(world.uploads).toEqual([]);
  expect(result.conflicts).toMatchObject([
    { name: "p3", sealed: expect.stringMatching(/^sha512-/), served: expect.stringMatching(/^sha512-/) },
  ]);
});

test("foreign bytes that come right after the plan was made stop the batch where they stand, and nobody sees it", async () => {
  const { machine, world, sealed } = await begun();
  world.put({ name: "p2", version: "1.1.0", bytes: new Uint8Array([1]), tag: "next", metadata: {} });
  const result = await release(machine, sealed);
  expect(result.state).toBe("conflict");
  expect(result.conflicts.map(({ name }) => name)).toEqual(["p2"]);
  expect(world.uploads).toEqual(["p0@1.1.0", "p1@1.1.0"]);
  expect(world.view("p1")?.distTags["latest"]).toBe("1.0.0");
  expect(world.gitTags.size).toBe(0);
});

test("a package that is refused parks its dependents, and no dist-tag of the batch moves", async () => {
  const { machine, world, sealed } = await begun();
  world.fault = (_, name) => (name === "upload p2" ? "refused" : null);
  const result = await release(machine, sealed);
  expect(result.state).toBe("unfinished");
  expect(result.parked.find(({ name }) => name === "p3")?.waitsFor).toBe("p2");
  expect(world.view("p1")?.distTags["latest"]).toBe("1.0.0");
  expect([...world.gitTags]).toEqual([]);
  world.fault = () => null;
  expect((await release(machine, sealed)).state).toBe("finished");
});

test("a finished release has nothing left to plan", async () => {
  const { machine, sealed } = await begun();
  await release(machine, sealed);
  const { plan: again } = await planned(machine, batch);
  expect(again.packages).toEqual([]);
  expect(again.gitTags).toEqual([]);
});

test("git tags that a batch did not get to make are healed at the batch's commit, not at the current one", async () => {
  const { machine, world, sealed } = await begun();
  await release(machine, sealed);
  world.gitTags.delete("p2@1.1.0");
  machine.journal = "";
  const healing = await planned(machine, batch, { commit: "c2" });
  expect(healing.plan.gitTags).toEqual([{ name: "p2@1.1.0", commit: "c1", package: "p2", version: "1.1.0" }]);
  expect((await release(machine, healing)).state).toBe("finished");
  expect(world.gitTags.get("p2@1.1.0")).toBe("c1");
});

test("a provenance that cannot be signed keeps the package back, and is tried again by the next run", async () => {
  const { machine, world, sealed } = await begun();
  const packages = sealed.plan.packages.map((each) => {
    return { ...each, provenance: { ...each.provenance, signed: true } };
  });
  const signed = { ...sealed, plan: { ...sealed.plan, packages } };
  const refused = await release(machine, signed, {
    sign: () => Promise.reject(new UserError("registry/provenance-failed", "no signature")),
  });
  expect(refused.state).toBe("unfinished");
  expect(refused.failures).toMatchObject([{ name: "p0", outcome: "retryable", message: "no signature" }]);
  expect(world.uploads).toEqual([]);
  const bundles: string[] = [];
  const sign = ({ name }: { readonly name: string }): Promise<string> => {
    bundles.push(name);
    return Promise.resolve("{}");
  };
  expect((await release(machine, signed, { sign })).state).toBe("finished");
  expect(bundles).toEqual(["p0", "p1", "p2", "p3"]);
});

test("what planning saw a moment ago is not asked for again: seven requests a package are the most, with planning", async () => {
  const large = batchOf(12);
  const machine = seeded(large);
  const requests = new Map<string, number>();
  machine.world.fault = (_, name) => {
    const of = name.split(" ")[1];
    if (of !== undefined) requests.set(of, (requests.get(of) ?? 0) + 1);
    return null;
  };
  await release(machine, await planned(machine, large));
  // Plan, upload, look, download, dist-tag, batch tag, look; and one more look at the last.
  const counts = [...requests.values()].toSorted((one, other) => other - one);
  expect(counts).toEqual([8, ...Array.from({ length: 10 }, () => 7), 6]);
});

test("a thousand packages take as many requests and as much of the journal each as a hundred do", async () => {
  const effort = async (count: number): Promise<readonly number[]> => {
    const large = batchOf(count);
    const machine = seeded(large);
    const result = await release(machine, await planned(machine, large));
    expect(result.state).toBe("finished");
    const { resent, actions } = machine.world;
    return [resent.length, Math.round(actions / count), Math.round(machine.journal.length / count / 100)];
  };
  expect(await effort(1000)).toEqual(await effort(100));
});

test("a release that is over is only looked at when a machine without its journal releases it again", async () => {
  const { machine, world, sealed } = await begun();
  expect((await release(machine, sealed)).state).toBe("finished");
  const facts = world.facts();
  const writes: string[] = [];
  world.fault = (_, name) => {
    if (/^(upload|tag|untag|push)/.test(name)) writes.push(name);
    return null;
  };
  const again = await release(new SimulatedMachine(world), { plan: sealed.plan, bytes: sealed.bytes });
  expect(again.state).toBe("finished");
  expect(writes).toEqual([]);
  expect(world.facts()).toEqual(facts);
});

test("a registry that lags by minutes is waited for as one batch, and what is left of its time is said now and then", async () => {
  const { machine, world, sealed } = await begun();
  for (const name of ["p0", "p1", "p2", "p3"]) world.freeze(name, "stale");
  const result = await release(machine, sealed);
  expect(result.state).toBe("finished");
  const said = machine.events.filter((event) => event.type === "waiting" && event.because === "not-visible");
  const left = said.flatMap((event) => (event.type === "waiting" ? (event.leftMs ?? []) : []));
  expect(left.length).toBeGreaterThan(2);
  expect(left).toEqual(left.toSorted((one, other) => other - one));
  expect(said[1]).toMatchObject({ packages: 4, message: expect.stringContaining("and 3 more") });
  // Not a line for each package and look.
  expect(said.length).toBeLessThanOrEqual(Math.ceil(world.nowMs / 5_000));
});
