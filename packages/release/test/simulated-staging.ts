import type { PackageName } from "@slipway/kernel";
import type { Answer, StagingPort } from "../src/index.ts";
import { bytesOf, type Fault, type SimulatedWorld } from "./simulated-world.ts";

/** What a machine does to the world through it. */
interface Hands {
  readonly world: SimulatedWorld;
  read(action: string, name: PackageName): Fault | null;
  write(action: string, effect: (fault: Fault | null) => Answer): Promise<Answer>;
  does(kind: "stage" | "approve", name: PackageName, tag: string): void;
}

/** Where versions wait for approval, with its faults. It says nothing of their bytes, as npm does not. */
export function simulatedStaging(machine: Hands): StagingPort {
  const { world } = machine;
  return {
    stage: (upload) => {
      const { name, version } = upload.tarball;
      return machine.write(`stage ${name}`, (fault) => {
        machine.does("stage", name, upload.tag);
        const { tag, metadata } = upload;
        const bytes = fault === "spoiled" ? bytesOf("spoiled") : upload.bytes;
        const answer = world.stage(name, { version, bytes, sent: upload.bytes, tag, metadata });
        (answer.outcome === "accepted" ? world.uploads : world.resent).push(`${name}@${version}`);
        if (fault === "spoiled" && answer.outcome === "accepted") {
          world.foreign.add(name);
          world.met.add(fault);
        }
        return answer;
      });
    },
    list: async (name) => {
      machine.read(`staged ${name}`, name);
      const waiting = await Promise.resolve(world.waiting.get(name));
      return waiting ? [{ name, integrity: null, ...waiting }] : [];
    },
    download: async ({ name, id }) => {
      const fault = machine.read(`staged bytes ${name}`, name);
      const waiting = await Promise.resolve(world.waiting.get(name));
      if (waiting?.id !== id) return null;
      if (!world.foreign.has(name)) world.fetched.add(name);
      return fault === "garbled" ? bytesOf("garbled") : waiting.bytes;
    },
    approve: ({ name, id }) =>
      machine.write(`approve ${name}`, () => {
        machine.does("approve", name, "");
        return world.approve(name, id);
      }),
    reject: ({ name, id }) =>
      machine.write(`reject ${name}`, () => {
        if (world.waiting.get(name)?.id === id) world.waiting.delete(name);
        return { outcome: "accepted" };
      }),
  };
}
