import type { Integrity, PackageName } from "@slipway/kernel";
import type { Answer, PackageView, Upload, VersionView } from "../src/index.ts";

/** What happens to one action: before it, instead of it, after it, or to what is read. */
export type Fault =
  | "crash-before"
  | "crash-after"
  /** Not carried out, and the answer says nothing. */
  | "refused"
  /** Carried out, and the answer is lost. */
  | "lost"
  | "busy"
  | "unreachable"
  /** Accepted, and not carried out. */
  | "forgotten"
  /** For minutes readers see the package as it is now, but get new tarballs. */
  | "stale"
  /** For minutes readers see nothing new of the package, tarballs neither. */
  | "late"
  /** This download has other bytes. */
  | "garbled"
  | "clock-ahead"
  | "clock-back"
  /** Somebody moves `latest` to a later version of their own. */
  | "mover"
  /** Stored with its version, and the tag gets lost. */
  | "untagged"
  /** A dist-tag is again what it was before, as this reader is the first to see. */
  | "reset"
  /** Somebody publishes other bytes under a version of the batch. */
  | "intruder"
  /** The registry stores other bytes than it says. */
  | "spoiled"
  /** A part of the upload stays as a tarball that no version lists. */
  | "orphaned"
  /** Somebody approves a staged version elsewhere. */
  | "approver"
  /** Somebody rejects a staged version. */
  | "rejecter";

/** Stands for a digest: another text for other bytes, without the cost of hashing in a million schedules. */
export function integrityOf(bytes: Uint8Array): Integrity {
  return `sha512-${new TextDecoder().decode(bytes)}`;
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

interface StoredVersion {
  readonly bytes: Uint8Array;
  readonly view: VersionView;
}

/** A version that waits for approval. */
export interface Waiting {
  readonly id: string;
  readonly version: string;
  readonly bytes: Uint8Array;
  /** What was sent, if the registry stored something else. */
  readonly sent: Uint8Array;
  readonly tag: string;
  readonly metadata: Upload["metadata"];
}

interface StoredPackage {
  readonly versions: Map<string, StoredVersion>;
  readonly tags: Map<string, string>;
}

/** A package as it was, shown while the copy is old. */
interface OldCopy {
  readonly view: PackageView | null;
  readonly untilMs: number;
  readonly hidesTarballs: boolean;
}

export const interferences = ["intruder", "mover", "approver", "rejecter"] as const;
export type Interference = (typeof interferences)[number];

const hour = 3_600_000;

/** A registry and a git remote in memory. They outlive the machines that release to them. */
export class SimulatedWorld {
  readonly packages = new Map<PackageName, StoredPackage>();
  readonly gitTags = new Map<string, string>();
  readonly waiting = new Map<PackageName, Waiting>();
  /** What releases wrote down on the remote of what they stage: `NAME@VERSION INTEGRITY`, with the mark. */
  readonly sealedElsewhere = new Map<string, Upload["metadata"]>();
  /** Approved by somebody, in whatever order they liked. */
  readonly approvedElsewhere = new Set<PackageName>();
  /** Rejected by somebody: the release of it cannot end. */
  readonly rejected = new Set<PackageName>();
  readonly uploads: string[] = [];
  /** Sent though they were there. */
  readonly resent: string[] = [];
  readonly violations: string[] = [];
  /** Faults that met an action that they can happen to. */
  readonly met = new Set<Fault>();
  /** Packages whose bytes under the batch's version are nobody's of ours. */
  readonly foreign = new Set<PackageName>();
  readonly orphans = new Map<PackageName, Uint8Array>();
  /** When somebody moved `latest` away, by the action and the clock. */
  readonly movedAt = new Map<PackageName, { readonly action: number; readonly ms: number }>();
  /** Versions of the batch that a reader was shown, and whose right bytes a reader got. */
  readonly shown = new Set<PackageName>();
  /** Writes that a registry answered for, carried out or not: `upload p0`, `tag p0`. */
  readonly accepted = new Set<string>();
  readonly fetched = new Set<PackageName>();
  /** Counts every action that is seen outside or on disk. */
  actions = 0;
  fault: (action: number, name: string) => Fault | null = () => null;
  random: () => number = () => 0.5;
  /** Called after each change of a package, to look at what users would see at that moment. */
  onChange: (name: PackageName) => void = () => {};
  /** Up to so many turns does an action wait before it happens, so that what goes on at once is mixed. */
  turns = 0;
  /** Of the world. Machines have clocks of their own. */
  nowMs = 0;
  readonly copies = new Map<PackageName, OldCopy>();

  /** What a person would see: the state that every schedule must end in. */
  facts(): unknown {
    const packages = [...this.packages].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      packages: packages.map(([name, { versions, tags }]) => {
        const stored = [...versions.values()].map(({ view }) => `${view.version} ${view.integrity ?? ""}`);
        const sorted = [...tags].toSorted(([a], [b]) => (a < b ? -1 : 1));
        return { name, versions: stored, tags: Object.fromEntries(sorted) };
      }),
      gitTags: Object.fromEntries([...this.gitTags].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      waiting: [...this.waiting.keys()].toSorted(),
    };
  }

  /** As it really is. */
  view(name: PackageName): PackageView | null {
    const stored = this.packages.get(name);
    if (!stored) return null;
    return {
      name,
      distTags: Object.fromEntries(stored.tags),
      versions: Object.fromEntries([...stored.versions].map(([version, { view }]) => [version, view])),
    };
  }

  /** As readers see it now. */
  shownView(name: PackageName): PackageView | null {
    const old = this.oldCopy(name);
    const view = old ? old.view : this.view(name);
    if (view?.versions["1.1.0"]) this.shown.add(name);
    return view;
  }

  download(name: PackageName, version: string): Uint8Array | null {
    const old = this.oldCopy(name);
    if (old?.hidesTarballs && !old.view?.versions[version]) return null;
    const bytes = this.packages.get(name)?.versions.get(version)?.bytes;
    if (bytes && !this.foreign.has(name)) this.fetched.add(name);
    return bytes ?? (version === "1.1.0" ? (this.orphans.get(name) ?? null) : null);
  }

  put(
    upload: Pick<Upload, "bytes" | "metadata"> & {
      readonly name: string;
      readonly version: string;
      /** Null: it gets lost. */
      readonly tag: string | null;
    },
  ): Answer {
    const { name, version, tag } = upload;
    const stored = this.packages.get(name) ?? { versions: new Map(), tags: new Map() };
    if (this.isTaken(name, version)) return { outcome: "conflict", message: "409 exists" };
    const manifest = { slipway: upload.metadata };
    const view = { version, integrity: integrityOf(upload.bytes), manifest };
    stored.versions.set(version, { bytes: upload.bytes, view });
    if (tag !== null) stored.tags.set(tag, version);
    if (!stored.tags.has("latest")) stored.tags.set("latest", version);
    this.packages.set(name, stored);
    this.onChange(name);
    return { outcome: "accepted" };
  }

  isTaken(name: PackageName, version: string): boolean {
    const isOrphan = version === "1.1.0" && this.orphans.has(name);
    return (
      isOrphan ||
      this.waiting.get(name)?.version === version ||
      this.packages.get(name)?.versions.has(version) === true
    );
  }

  stage(name: PackageName, waiting: Omit<Waiting, "id">): Answer {
    if (this.isTaken(name, waiting.version)) return { outcome: "conflict", message: "409 staged before" };
    this.waiting.set(name, { ...waiting, id: `${name}-${this.actions}` });
    return { outcome: "accepted" };
  }

  waitingIntegrity(name: PackageName): string | null {
    const waiting = this.waiting.get(name);
    return waiting ? integrityOf(waiting.bytes) : null;
  }

  approve(name: PackageName, id: string): Answer {
    const waiting = this.waiting.get(name);
    if (waiting?.id !== id) return { outcome: "permanent", message: "404", cause: "invalid" };
    this.waiting.delete(name);
    const answer = this.put({ ...waiting, name, bytes: waiting.sent });
    if (waiting.sent !== waiting.bytes) this.spoil(name);
    return answer;
  }

  setTag(name: PackageName, tag: string, version: string): Answer {
    this.packages.get(name)?.tags.set(tag, version);
    this.onChange(name);
    return { outcome: "accepted" };
  }

  removeTag(name: PackageName, tag: string): Answer {
    this.packages.get(name)?.tags.delete(tag);
    return { outcome: "accepted" };
  }

  /** From now on readers see an old copy, for up to five minutes. */
  freeze(name: PackageName, kind: "stale" | "late"): void {
    const untilMs = this.nowMs + 1_000 + Math.floor(this.random() * 299_000);
    this.copies.set(name, { view: this.view(name), untilMs, hidesTarballs: kind === "late" });
  }

  /**
   * The registry loses the dist-tag of the package that was set last, or its batch tag. While the batch is open alone: of
   * a tag that was seen where it belongs, and is undone after everything, no releaser ever hears. One batch tag stays, for
   * without any a machine that knows nothing cannot know more.
   */
  reset(name: PackageName): void {
    const tags = this.packages.get(name)?.tags;
    const batchTag = batchTagOf(tags);
    if (!tags || batchTag === undefined || this.oldCopy(name)) return;
    if (
      this.random() < 0.5 &&
      tags.get("latest") === "1.1.0" &&
      this.packages.get(name)?.versions.has("1.0.0")
    )
      tags.set("latest", "1.0.0");
    else if ([...this.packages].some(([other, stored]) => other !== name && batchTagOf(stored.tags)))
      tags.delete(batchTag);
  }

  /** Other bytes under the stored version, of which the packument says nothing. */
  spoil(name: PackageName): void {
    const versions = this.packages.get(name)?.versions;
    const stored = versions?.get("1.1.0");
    if (!stored) return;
    versions?.set("1.1.0", { ...stored, bytes: bytesOf("spoiled") });
    this.foreign.add(name);
  }

  /** What others do, whoever acts at the moment. */
  interfere(fault: Interference, name: PackageName): void {
    const metadata = {};
    if (fault === "approver" || fault === "rejecter") this.decide(fault, name);
    else if (fault === "intruder") {
      this.foreign.add(name);
      const upload = { name, version: "1.1.0", bytes: bytesOf("foreign"), tag: "latest", metadata };
      if (this.packages.get(name)?.versions.has("1.1.0") || this.put(upload).outcome !== "accepted")
        this.foreign.delete(name);
    } else if (this.packages.has(name) && !this.movedAt.has(name)) {
      this.movedAt.set(name, { action: this.actions, ms: this.nowMs });
      this.put({ name, version: "2.0.0", bytes: bytesOf("later"), tag: "latest", metadata });
    }
  }

  private decide(fault: "approver" | "rejecter", name: PackageName): void {
    const waiting = this.waiting.get(name);
    if (!waiting) return;
    if (fault === "rejecter") {
      this.waiting.delete(name);
      this.foreign.delete(name);
      this.rejected.add(name);
      this.met.add(fault);
    } else {
      this.approvedElsewhere.add(name);
      this.approve(name, waiting.id);
    }
  }

  /** The copy that readers get; null when they see what is there. */
  oldCopy(name: PackageName): OldCopy | null {
    const copy = this.copies.get(name);
    return copy && copy.untilMs > this.nowMs ? copy : null;
  }
}

function batchTagOf(tags: ReadonlyMap<string, string> | undefined): string | undefined {
  return [...(tags?.keys() ?? [])].find((tag) => tag.startsWith("slipway-"));
}

/** How far a jump of a machine's clock goes. */
export const clockJumpMs = 10 * 365 * 24 * hour;
