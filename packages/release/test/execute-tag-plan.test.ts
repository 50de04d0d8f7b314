import { planPromotion, planRollback, type TagPlan, type TagSources } from "@slipway/plan";
import { expect, test } from "vitest";
import { executeTagPlan, type RegistryPort, type ReleasePorts } from "../src/index.ts";
import { batchOf, planned, release, seeded, type SealedBatch } from "./simulated-batch.ts";
import { Crash, type SimulatedMachine } from "./simulated-machine.ts";
import type { Fault } from "./simulated-world.ts";

const message = "broken, use 1.2.0";

const changes: Readonly<Record<string, (sources: TagSources) => TagPlan>> = {
  rollback: (sources) => planRollback(sources, message),
  promotion: (sources) => planPromotion(sources, "next"),
};

async function finished(): Promise<{ readonly machine: SimulatedMachine; readonly sealed: SealedBatch }> {
  const batch = batchOf(4);
  const machine = seeded(batch);
  const sealed = await planned(machine, batch);
  await release(machine, sealed);
  machine.journal = "";
  return { machine, sealed };
}

/** One command: it looks, plans, and carries out what is left. */
async function changed(
  { machine, sealed }: Awaited<ReturnType<typeof finished>>,
  plan: (sources: TagSources) => TagPlan,
): Promise<number> {
  machine.start();
  const ports = machine.ports(new Map());
  const registry = withDeprecations(ports.registry(""), machine);
  const packages = sealed.plan.packages.map(({ name, version, registry: url, tag, from }) => {
    return { name, version, registry: url, tag, before: from };
  });
  const published = Object.fromEntries(
    await Promise.all(packages.map(async ({ name }) => [name, await registry.view(name)] as const)),
  );
  const left = plan({ release: sealed.plan.id, packages, published });
  const own: ReleasePorts = { ...ports, registry: () => registry };
  const { failures } = await executeTagPlan(left, own);
  expect(failures).toEqual([]);
  return left.moves.length + left.deprecations.length;
}

function withDeprecations(registry: RegistryPort, { world }: SimulatedMachine): RegistryPort {
  return {
    ...registry,
    deprecate: (name, version, said) => {
      const document = world.packages.get(name)?.versions.get(version)?.view;
      if (document) Object.assign(document.manifest, { deprecated: said });
      return Promise.resolve({ outcome: "accepted" });
    },
  };
}

function standing({ machine }: Awaited<ReturnType<typeof finished>>): unknown {
  return {
    facts: machine.world.facts(),
    views: [...machine.world.packages].map(([name]) => machine.world.view(name)),
  };
}

for (const [what, plan] of Object.entries(changes)) {
  test(`a ${what} that is cut off or loses an answer at any action ends as one that is not, by the same command`, async () => {
    const calm = await finished();
    const first = calm.machine.world.actions;
    expect(await changed(calm, plan)).toBeGreaterThan(3);
    const last = calm.machine.world.actions;
    for (let at = first + 1; at <= last; at++) {
      for (const fault of ["crash-before", "crash-after", "lost", "refused", "busy"] satisfies Fault[]) {
        const end = await finished();
        end.machine.world.fault = (action) => (action === at ? fault : null);
        try {
          await changed(end, plan);
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
          await changed(end, plan);
        }
        expect(standing(end), `${fault} at ${at}`).toEqual(standing(calm));
        expect(await changed(end, plan), "asked for once more, nothing is left").toBe(0);
      }
    }
  });
}
