import { UserError, type Integrity, type PackageName } from "@slipway/kernel";
import { planRelease, sealPlan, type ReleaseCandidate, type ReleasePlan } from "@slipway/plan";
import {
  executeRelease,
  type Answer,
  type PackageView,
  type RegistryPort,
  type ReleaseEvent,
  type ReleasePorts,
  type ReleaseResult,
  type SealedTarball,
  type Upload,
  type VersionView,
} from "../src/index.ts";

/** Thrown by the world where the process would have been killed. */
export class Crash extends Error {}

/** What happens to one action: nothing, or the fault before or after the registry did it. */
export type Fault = "crash-before" | "crash-after" | "refused" | "lost" | "busy" | "stale" | "unreachable";

/** Stands for a digest: another text for other bytes, without the cost of hashing in a million schedules. */
function integrityOf(bytes: Uint8Array): Integrity {
  return `sha512-${new TextDecoder().decode(bytes)}`;
}

interface StoredVersion {
  readonly bytes: Uint8Array;
  readonly view: VersionView;
}

/** A registry, a git remote, a disk and a clock in memory. They outlive the crashes of the releases that use them. */
export class SimulatedWorld {
  readonly packages = new Map<
    PackageName,
    { versions: Map<string, StoredVersion>; tags: Map<string, string> }
  >();
  readonly gitTags = new Map<string, string>();
  readonly uploads: string[] = [];
  /** Sent though they were there. */
  readonly resent: string[] = [];
  readonly events: ReleaseEvent[] = [];
  readonly violations: string[] = [];
  journal = "";
  /** Counts every action that is seen outside or on disk. */
  actions = 0;
  fault: (action: number, name: string) => Fault | null = () => null;
  /** After a crash nothing of the killed process reaches the world any more. */
  dead = false;
  random: () => number = () => 0.5;
  /** Called after each change of a package, to look at what users would see at that moment. */
  onChange: (name: PackageName) => void = () => {};
  /** Up to so many turns does an action wait before it happens, so that what goes on at once is mixed. */
  turns = 0;
  private nowMs = 0;
  /** Packuments as they were, served while the copy is stale. */
  private readonly stale = new Map<PackageName, { view: PackageView | null; reads: number }>();

  ports(sealed: ReadonlyMap<string, Uint8Array>): ReleasePorts {
    return {
      registry: () => this.registry(),
      read: (tarball) => Promise.resolve(sealed.get(tarball.name) ?? new Uint8Array()),
      journal: {
        name: "journal.jsonl",
        read: () => Promise.resolve(this.journal),
        append: (text) =>
          this.act("append", () => {
            this.journal += text;
          }).catch((error: unknown) => {
            // A kill in the middle of a write leaves a part of the line.
            if (error instanceof Crash && error.message === "before") {
              this.journal += text.slice(0, Math.floor(text.length / 2));
            }
            throw error;
          }),
        cut: (sound) => {
          this.journal = sound;
          return Promise.resolve();
        },
      },
      git: {
        tags: async (names) => {
          if (this.next("ls-remote") === "crash-after") this.die("after");
          return Promise.resolve(
            Object.fromEntries([...this.gitTags].filter(([name]) => names.includes(name))),
          );
        },
        push: (tags) =>
          this.write("push", () => {
            for (const { name, commit } of tags) this.gitTags.set(name, commit);
            return { outcome: "accepted" };
          }),
      },
      clock: {
        nowMs: () => this.nowMs,
        sleep: (durationMs) => {
          this.nowMs += durationMs;
          return Promise.resolve();
        },
      },
      random: () => this.random(),
      integrityOf,
      onEvent: (event) => this.events.push(event),
      stopped: () => false,
    };
  }

  /** What a person would see: the state that every schedule must end in. */
  facts(): unknown {
    const packages = [...this.packages].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      packages: packages.map(([name, { versions, tags }]) => {
        const stored = [...versions.values()].map(({ view }) => `${view.version} ${view.integrity ?? ""}`);
        return { name, versions: stored, tags: Object.fromEntries(tags) };
      }),
      gitTags: Object.fromEntries([...this.gitTags].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  view(name: PackageName): PackageView | null {
    const stored = this.packages.get(name);
    if (!stored) return null;
    return {
      name,
      distTags: Object.fromEntries(stored.tags),
      versions: Object.fromEntries([...stored.versions].map(([version, { view }]) => [version, view])),
    };
  }

  put(
    upload: Pick<Upload, "bytes" | "tag" | "metadata"> & { readonly name: string; readonly version: string },
  ): Answer {
    const stored = this.packages.get(upload.name) ?? { versions: new Map(), tags: new Map() };
    if (stored.versions.has(upload.version)) return { outcome: "conflict", message: "409 exists" };
    const manifest = { slipway: upload.metadata };
    const view = { version: upload.version, integrity: integrityOf(upload.bytes), manifest };
    stored.versions.set(upload.version, { bytes: upload.bytes, view });
    stored.tags.set(upload.tag, upload.version);
    if (!stored.tags.has("latest")) stored.tags.set("latest", upload.version);
    this.packages.set(upload.name, stored);
    this.onChange(upload.name);
    return { outcome: "accepted" };
  }

  private registry(): RegistryPort {
    return {
      url: "http://registry.test/",
      view: async (name) => {
        await this.mixed();
        const fault = this.next("view");
        if (fault === "crash-after") this.die("after");
        if (fault === "unreachable") throw new UserError("registry/unreachable", "unreachable");
        if (fault === "stale") this.stale.set(name, { view: this.view(name), reads: 2 });
        const old = this.stale.get(name);
        if (old && old.reads-- > 0) return old.view;
        return this.view(name);
      },
      upload: (upload) =>
        this.write(`upload ${upload.tarball.name}`, () => {
          const { name, version } = upload.tarball;
          const isThere = this.packages.get(name)?.versions.has(version) ?? false;
          (isThere ? this.resent : this.uploads).push(`${name}@${version}`);
          if (!this.journal.includes(`"step":"upload","package":"${name}"`)) {
            this.violations.push(`I7: ${name} was uploaded without an intent`);
          }
          return this.put({ ...upload, name, version });
        }),
      download: async (name, version) => {
        if (this.next("download") === "crash-after") this.die("after");
        return this.packages.get(name)?.versions.get(version)?.bytes ?? null;
      },
      setTag: (name, tag, version) =>
        this.write(`tag ${name}`, () => {
          this.packages.get(name)?.tags.set(tag, version);
          this.onChange(name);
          return { outcome: "accepted" };
        }),
      removeTag: (name, tag) =>
        this.write(`untag ${name}`, () => {
          this.packages.get(name)?.tags.delete(tag);
          return { outcome: "accepted" };
        }),
      deprecate: () => Promise.resolve({ outcome: "accepted" }),
    };
  }

  private async write(name: string, effect: () => Answer): Promise<Answer> {
    await this.mixed();
    const fault = this.next(name);
    if (fault === "refused") return { outcome: "unknown", message: "503" };
    if (fault === "busy") return { outcome: "retryable", message: "429", retryAfterMs: 3_000 };
    if (fault === "unreachable") return { outcome: "retryable", message: "refused", retryAfterMs: null };
    const answer = effect();
    if (fault === "lost") return { outcome: "unknown", message: "reset" };
    if (fault === "crash-after") this.die("after");
    return answer;
  }

  private async act(name: string, effect: () => void): Promise<void> {
    const fault = this.next(name);
    effect();
    if (fault === "crash-after") this.die("after");
  }

  private next(name: string): Fault | null {
    if (this.dead) throw new Crash("dead");
    const fault = this.fault(++this.actions, name);
    if (fault === "crash-before") this.die("before");
    return fault;
  }

  private async mixed(): Promise<void> {
    for (let left = Math.floor(this.random() * (this.turns + 1)); left > 0; left--) await Promise.resolve();
  }

  private die(when: string): never {
    this.dead = true;
    throw new Crash(when);
  }
}

export interface Batch {
  readonly candidates: readonly ReleaseCandidate[];
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

/** Packages `p0` to `pN`; each needs the two before it. */
export function batchOf(count: number, build = ""): Batch {
  const candidates = Array.from({ length: count }, (_, at) => ({
    name: `p${at}`,
    version: "1.1.0",
    dir: `packages/p${at}`,
    private: false,
    tagOnly: false,
    ignored: false,
    access: null,
    registry: "http://registry.test/",
    publishTag: null,
    needs: [at - 1, at - 2].filter((need) => need >= 0).map((need) => `p${need}`),
  }));
  const bytes = new Map(candidates.map(({ name }) => [name, new TextEncoder().encode(`${name}${build}`)]));
  return { candidates, bytes };
}

/** Version 1.0.0 of every package but the first is published, as releases before left it. */
export function seeded(batch: Batch): SimulatedWorld {
  const world = new SimulatedWorld();
  for (const { name } of batch.candidates.slice(1)) {
    const bytes = new TextEncoder().encode(`${name} old`);
    world.put({ name, version: "1.0.0", bytes, tag: "latest", metadata: {} });
  }
  return world;
}

export function planFor(world: SimulatedWorld, batch: Batch, commit = "c1"): ReleasePlan {
  const plan = planRelease({
    commit,
    mode: "tag",
    channel: null,
    preTag: null,
    candidates: batch.candidates,
    published: Object.fromEntries(batch.candidates.map(({ name }) => [name, world.view(name)])),
    gitTags: Object.fromEntries(world.gitTags),
    singlePackage: false,
    gates: [],
  });
  const missing = plan.packages.filter(({ state }) => state === "missing");
  return sealPlan(
    plan,
    Object.fromEntries(missing.map(({ name }) => [name, integrityOf(bytesOf(batch, name))])),
  );
}

export function release(world: SimulatedWorld, batch: Batch, plan: ReleasePlan): Promise<ReleaseResult> {
  world.dead = false;
  const tarballs = plan.packages
    .filter(({ state }) => state === "missing")
    .map(({ name, version }) => sealedTarball(batch, name, version));
  return executeRelease({ plan, tarballs }, world.ports(batch.bytes));
}

function sealedTarball(batch: Batch, name: string, version: string): SealedTarball {
  const bytes = bytesOf(batch, name);
  return {
    name,
    version,
    integrity: integrityOf(bytes),
    tarSha256: "",
    sizeBytes: bytes.length,
    files: [],
    manifest: { name, version },
    path: `${name}.tgz`,
  };
}

function bytesOf(batch: Batch, name: string): Uint8Array {
  return batch.bytes.get(name) ?? new Uint8Array();
}
