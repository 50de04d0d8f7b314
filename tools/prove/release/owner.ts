import { UserError } from "../../../packages/kernel/src/index.ts";
import { isNothingToDo, type ReleaseMode } from "../../../packages/plan/src/index.ts";
import type { ReleaseResult } from "../../../packages/release/src/index.ts";
import {
  batchOf,
  planned,
  release,
  type Batch,
  type SealedBatch,
} from "../../../packages/release/test/simulated-batch.ts";
import { Crash, type SimulatedMachine } from "../../../packages/release/test/simulated-machine.ts";
import type { SimulatedWorld } from "../../../packages/release/test/simulated-world.ts";
import { watch, watchResult } from "./watch.ts";

/** `stuck`: it says that something stands in its way for good. */
export type End = "finished" | "again" | "stuck";

export interface Habits {
  readonly packages: number;
  /** Of what is built here: another build gives other bytes. */
  readonly build?: string;
  readonly commit?: string;
  readonly mode: ReleaseMode;
  /** Who approves what is staged: the same command with a password, or a person on the registry's site. */
  readonly approval: "here" | "elsewhere";
}

/** Somebody who runs the same command again and again on one machine. */
export class Owner {
  private readonly machine: SimulatedMachine;
  private readonly batch: Batch;
  private readonly habits: Habits;
  private sealed: SealedBatch | null = null;
  /** All of it was seen to wait, and somebody has looked at it. */
  private mayApprove = false;

  constructor(machine: SimulatedMachine, habits: Habits) {
    this.machine = machine;
    this.batch = batchOf(habits.packages, habits.build);
    this.habits = habits;
    watch(machine.world, machine, this.batch.candidates);
  }

  async run(): Promise<End> {
    const { machine } = this;
    try {
      machine.start();
      const sealed = this.sealed ?? (await planned(machine, this.batch, this.habits));
      this.sealed = { plan: sealed.plan, bytes: sealed.bytes };
      if (isNothingToDo(sealed.plan)) return "finished";
      const result = await release(machine, sealed, { mayApprove: this.mayApprove });
      watchResult(machine.world, result);
      return this.endOf(result);
    } catch (error) {
      if (error instanceof Crash) return "again";
      // Reading failed, in planning or in the survey; what is spoiled is never served as it says.
      if (error instanceof UserError)
        return this.sealed === null && isSpoilt(machine.world) ? "stuck" : "again";
      throw error;
    }
  }

  private endOf({ state, conflicts, failures }: ReleaseResult): End {
    if (state === "finished") return "finished";
    if (state === "staged") {
      this.approved();
      return "again";
    }
    if (state === "conflict" && conflicts.every(({ twin }) => twin)) {
      // Another machine's build of this release is there: it is adopted.
      this.beginAnew();
      return "again";
    }
    if (failures.some(({ hint }) => hint?.includes("release abort"))) this.abortedWhereRejected();
    if (state === "conflict" && !this.isExpected(conflicts))
      this.machine.world.violations.push(`I2: a conflict, though nobody was there: ${conflicts[0]?.message}`);
    // A remote that refuses git tags (no name) may be told to take them.
    const isRefused = failures.some(({ name, outcome }) => name !== "" && outcome === "permanent");
    const isFinal = isRefused || state === "conflict";
    return isFinal ? "stuck" : "again";
  }

  private approved(): void {
    const { world } = this.machine;
    this.mayApprove = this.habits.approval === "here";
    if (this.mayApprove) return;
    // In whatever order, and perhaps not all on one day.
    const waiting = [...world.waiting].toSorted(() => world.random() - 0.5);
    const share = world.random() < 0.5 ? waiting.length : Math.ceil(waiting.length / 2);
    for (const [name, { id }] of waiting.slice(0, share)) {
      world.approvedElsewhere.add(name);
      world.approve(name, id);
    }
  }

  /** `slipway release abort`, and from the beginning. */
  private abortedWhereRejected(): void {
    const { world } = this.machine;
    if (world.rejected.size === 0) return;
    world.rejected.clear();
    for (const { name, integrity } of this.sealed?.plan.packages ?? [])
      if (world.waitingIntegrity(name) === integrity) world.waiting.delete(name);
    this.beginAnew();
  }

  private beginAnew(): void {
    this.sealed = null;
    this.machine.journal = "";
    this.mayApprove = false;
  }

  private isExpected(conflicts: ReleaseResult["conflicts"]): boolean {
    const named = conflicts.every(
      ({ sealed, served }) => sealed !== null && served !== null && sealed !== served,
    );
    const { world } = this.machine;
    // Somebody may have rejected since what was spoiled.
    return named && (isSpoilt(world) || world.met.has("spoiled"));
  }
}

/** Something stands in the way that no rerun heals. */
export function isSpoilt(world: SimulatedWorld): boolean {
  return world.foreign.size + world.orphans.size > 0;
}
