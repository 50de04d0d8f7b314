import { UserError } from "@slipway/kernel";
import { expect, test } from "vitest";
import type { RegistryPort, StagingPort } from "../src/index.ts";
import { batchOf, planned, release, seeded } from "./simulated-batch.ts";
import { SimulatedMachine } from "./simulated-machine.ts";
import type { Fault } from "./simulated-world.ts";

const batch = batchOf(3);
const staged = { mode: "stage" } as const;

/** Trusted publishing may stage, and look at nothing of it. */
function blind(machine: SimulatedMachine): RegistryPort {
  const open = machine.registry();
  const refused = (): Promise<never> => Promise.reject(new UserError("registry/unauthorized", "no look"));
  const staging = { ...open.staging, list: refused, download: refused } as StagingPort;
  return { ...open, staging };
}

test("what another machine staged is adopted by its digest, which the remote knows, and approved from there", async () => {
  const first = seeded(batch);
  expect((await release(first, await planned(first, batch, staged))).state).toBe("staged");
  const second = new SimulatedMachine(first.world);
  const sealed = await planned(second, batchOf(3, "rebuilt "), staged);
  expect(sealed.plan.packages.map(({ state }) => state)).toEqual(["staged", "staged", "staged"]);
  expect((await release(second, sealed)).state).toBe("staged");
  const result = await release(second, sealed, { mayApprove: true });
  expect(result.released.map(({ integrity }) => integrity)).toEqual(["sha512-p0", "sha512-p1", "sha512-p2"]);
});

test("what somebody else staged is never adopted: nothing more is staged, and both digests are named", async () => {
  const machine = seeded(batch);
  const bytes = new TextEncoder().encode("foreign");
  machine.world.stage("p2", { version: "1.1.0", bytes, sent: bytes, tag: "latest", metadata: {} });
  const result = await release(machine, await planned(machine, batch, staged));
  expect(result.state).toBe("conflict");
  expect(result.conflicts).toMatchObject([{ name: "p2", sealed: "sha512-p2", served: "sha512-foreign" }]);
  expect([...machine.world.waiting.keys()]).toEqual(["p2"]);
});

test("where one of a batch was rejected none of it is approved", async () => {
  const machine = seeded(batch);
  const sealed = await planned(machine, batch, staged);
  await release(machine, sealed);
  machine.world.waiting.delete("p1");
  const result = await release(machine, sealed, { mayApprove: true });
  expect(result.failures).toMatchObject([{ name: "p1", outcome: "unknown" }]);
  expect(machine.world.view("p0")).toBeNull();
});

test("an approval that would move a dist-tag back is not given", async () => {
  const machine = seeded(batch);
  const sealed = await planned(machine, batch, staged);
  await release(machine, sealed);
  machine.world.interfere("mover", "p1");
  const result = await release(machine, sealed, { mayApprove: true });
  expect(result.failures).toMatchObject([{ name: "p1", outcome: "permanent" }]);
  expect(machine.world.view("p1")?.distTags["latest"]).toBe("2.0.0");
});

test.each<{ readonly fault: Fault | null; readonly state: string }>([
  { fault: null, state: "staged" },
  { fault: "lost", state: "staged" },
  { fault: "refused", state: "staged" },
])(
  "a credential that may not look stages all the same when an answer is $fault",
  async ({ fault, state }) => {
    const machine = seeded(batch);
    const sealed = await planned(machine, batch, staged);
    let left = 1;
    machine.world.fault = (_, action) => (action === "stage p1" && left-- > 0 ? fault : null);
    expect((await release(machine, sealed, { registry: () => blind(machine) })).state).toBe(state);
    expect(machine.world.waiting.size).toBe(3);
  },
);

test("a credential that may not look says so where somebody staged the version before", async () => {
  const machine = seeded(batch);
  const bytes = new TextEncoder().encode("foreign");
  machine.world.stage("p1", { version: "1.1.0", bytes, sent: bytes, tag: "latest", metadata: {} });
  const sealed = await planned(machine, batch, staged);
  const result = await release(machine, sealed, { registry: () => blind(machine) });
  expect(result.failures).toMatchObject([{ name: "p1", outcome: "permanent" }]);
  expect(result.failures[0]?.message).toContain("may not look");
});
