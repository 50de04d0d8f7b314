import { UserError, type PackageName } from "@slipway/kernel";
import type { PlannedPackage, ReleasePlan } from "@slipway/plan";
import type { Answer, RegistryPort, ReleaseEvent, ReleasePorts, Upload } from "../src/index.ts";
import { simulatedStaging } from "./simulated-staging.ts";
import {
  bytesOf,
  clockJumpMs,
  integrityOf,
  interferences,
  type Fault,
  type SimulatedWorld,
} from "./simulated-world.ts";

/** Thrown where the process would have been killed. */
export class Crash extends Error {}

/** What a machine is about to do to the world, for whoever watches the invariants. */
export interface Deed {
  readonly machine: SimulatedMachine;
  readonly kind: "upload" | "stage" | "approve" | "set-tag" | "remove-tag" | "push";
  /** Empty for a push. */
  readonly name: PackageName;
  readonly tag: string;
}

/** Longer than any release waits, over all its runs: whoever is past it goes around in circles. */
const endlessMs = 30 * 24 * 3_600_000;
const endlessActions = 100_000;

/** A disk with a journal, a clock, and processes that can be killed. Several share a world. */
export class SimulatedMachine {
  readonly world: SimulatedWorld;
  readonly events: ReleaseEvent[] = [];
  /** The action that last showed it a package as it really is. */
  readonly shownAt = new Map<PackageName, number>();
  /** What its running process looked at. */
  readonly lookedAt = new Set<PackageName>();
  journal = "";
  plan: ReleasePlan | null = null;
  onDeed: (deed: Deed) => void = () => {};
  /** After a crash nothing of the killed process reaches the world any more. */
  private dead = false;
  private skewMs = 0;

  constructor(world: SimulatedWorld) {
    this.world = world;
  }

  /** A new process, or the one that planned. */
  start(planned = false): void {
    this.dead = false;
    if (!planned) this.lookedAt.clear();
  }

  nowMs(): number {
    return this.world.nowMs + this.skewMs;
  }

  ports(sealed: ReadonlyMap<string, Uint8Array>): ReleasePorts {
    const { world } = this;
    return {
      registry: () => this.registry(),
      read: (tarball) => Promise.resolve(sealed.get(tarball.name) ?? new Uint8Array()),
      journal: {
        name: "journal.jsonl",
        read: () => Promise.resolve(this.journal),
        append: (text) => this.append(text),
        cut: (sound) => {
          this.journal = sound;
          return Promise.resolve();
        },
      },
      git: {
        tags: async (names) => {
          const fault = this.next("ls-remote");
          if (fault === "crash-after") this.die("after");
          if (fault === "unreachable") throw new UserError("git/failed", "unreachable");
          return Promise.resolve(
            Object.fromEntries([...world.gitTags].filter(([name]) => names.includes(name))),
          );
        },
        push: (tags) =>
          this.write("push", () => {
            this.does("push", "", "");
            for (const { name, commit } of tags) world.gitTags.set(name, commit);
            return { outcome: "accepted" };
          }),
      },
      clock: {
        nowMs: () => this.nowMs(),
        sleep: (durationMs) => {
          world.nowMs += durationMs;
          if (world.nowMs > endlessMs) throw new Error("it waits without end");
          return Promise.resolve();
        },
      },
      random: () => world.random(),
      integrityOf,
      onEvent: (event) => this.events.push(event),
      stopped: () => false,
    };
  }

  registry(): RegistryPort {
    const { world } = this;
    return {
      url: "http://registry.test/",
      view: async (name) => {
        await this.mixed();
        this.read(`view ${name}`, name);
        this.lookedAt.add(name);
        if (!world.oldCopy(name)) this.shownAt.set(name, world.actions);
        return world.shownView(name);
      },
      upload: (upload) => {
        const { name, version } = upload.tarball;
        return this.write(`upload ${name}`, (fault) => {
          this.does("upload", name, upload.tag);
          if (fault === "orphaned" && !world.isTaken(name, version)) {
            world.orphans.set(name, upload.bytes.slice(0, upload.bytes.length >> 1));
            return world.random() < 0.5
              ? { outcome: "permanent", message: "400 cut off", cause: "invalid" }
              : { outcome: "unknown", message: "reset" };
          }
          const tag = fault === "untagged" ? null : upload.tag;
          const answer = world.put({ ...upload, name, version, tag });
          (answer.outcome === "accepted" ? world.uploads : world.resent).push(`${name}@${version}`);
          if (fault === "spoiled" && answer.outcome === "accepted") world.spoil(name);
          return answer;
        });
      },
      download: async (name, version) => {
        const fault = this.read(`download ${name}`, name);
        const bytes = await Promise.resolve(fault === "garbled" ? null : world.download(name, version));
        return fault === "garbled" ? bytesOf("garbled") : bytes;
      },
      setTag: (name, tag, version) =>
        this.write(`tag ${name}`, () => {
          this.does("set-tag", name, tag);
          return world.setTag(name, tag, version);
        }),
      removeTag: (name, tag) =>
        this.write(`untag ${name}`, () => {
          this.does("remove-tag", name, tag);
          return world.removeTag(name, tag);
        }),
      deprecate: () => Promise.resolve({ outcome: "accepted" }),
      staging: simulatedStaging(this),
    };
  }

  /** Writes down on the remote what a release is about to stage. */
  async seal(plan: ReleasePlan, mark: (each: PlannedPackage) => Upload["metadata"]): Promise<void> {
    const fault = this.next("record");
    for (const each of plan.packages)
      this.world.sealedElsewhere.set(`${each.name}@${each.version} ${each.integrity}`, mark(each));
    await Promise.resolve();
    if (fault === "crash-after") this.die("after");
  }

  does(kind: Deed["kind"], name: PackageName, tag: string): void {
    this.onDeed({ machine: this, kind, name, tag });
  }

  private async append(text: string): Promise<void> {
    await this.mixed();
    let fault: Fault | null;
    try {
      fault = this.next("append");
    } catch (error) {
      // A kill in the middle of a write leaves a part of the line.
      if (error instanceof Crash && error.message === "before")
        this.journal += text.slice(0, Math.floor(text.length / 2));
      throw error;
    }
    this.journal += text;
    if (fault === "crash-after") this.die("after");
  }

  read(action: string, name: PackageName): Fault | null {
    const fault = this.next(action);
    if (fault === "crash-after") this.die("after");
    if (fault === "unreachable") throw new UserError("registry/unreachable", "unreachable");
    if (fault === "reset" && action.startsWith("view")) this.world.reset(name);
    if (fault === "stale" || fault === "late") this.world.freeze(name, fault);
    if (fault === "stale" || fault === "late" || fault === "garbled") this.world.met.add(fault);
    return fault;
  }

  async write(name: string, effect: (fault: Fault | null) => Answer): Promise<Answer> {
    await this.mixed();
    const fault = this.next(name);
    if (fault === "refused" && name === "push" && this.world.random() < 0.5)
      return { outcome: "permanent", message: "protected", cause: "forbidden" };
    if (fault === "refused") return { outcome: "unknown", message: "503" };
    if (fault === "busy") return { outcome: "retryable", message: "429", retryAfterMs: 3_000 };
    if (fault === "unreachable") return { outcome: "retryable", message: "refused", retryAfterMs: null };
    if (fault === "forgotten") {
      this.world.met.add(fault);
      this.world.accepted.add(name);
      return { outcome: "accepted" };
    }
    const answer = effect(fault);
    if (answer.outcome === "accepted") this.world.accepted.add(name);
    if (fault === "lost") return { outcome: "unknown", message: "reset" };
    if (fault === "crash-after") this.die("after");
    return answer;
  }

  private next(action: string): Fault | null {
    if (this.dead) throw new Crash("dead");
    const { world } = this;
    if (world.actions > endlessActions) throw new Error("it acts without end");
    const fault = world.fault(++world.actions, action);
    if (fault === "crash-before") this.die("before");
    if (fault === "clock-ahead") this.skewMs += clockJumpMs;
    if (fault === "clock-back") this.skewMs -= clockJumpMs;
    const interference = interferences.find((each) => each === fault);
    if (interference) {
      const names = this.plan?.packages.map(({ name }) => name) ?? [];
      const name = names[Math.floor(world.random() * names.length)];
      if (name !== undefined) world.interfere(interference, name);
    }
    return fault;
  }

  private async mixed(): Promise<void> {
    const { random, turns } = this.world;
    for (let left = Math.floor(random() * (turns + 1)); left > 0; left--) await Promise.resolve();
  }

  private die(when: string): never {
    this.dead = true;
    throw new Crash(when);
  }
}
