import type { Integrity, PackageName, Sha256 } from "@slipway/kernel";

/** A packed package whose bytes no longer change. Both digests are of the same tarball. */
export interface SealedTarball {
  readonly name: PackageName;
  readonly version: string;
  /** sha512 of the .tgz, as npm's `dist.integrity` has it. */
  readonly integrity: Integrity;
  /** sha256 of the uncompressed tar: survives a change of zlib. */
  readonly tarSha256: Sha256;
  readonly sizeBytes: number;
  /** Paths inside the package, sorted. */
  readonly files: readonly string[];
  /** The manifest as packed (rewritten ranges, publishConfig applied). */
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly path: string;
}

export type GateName =
  | "manifest-complete"
  | "no-workspace-ranges"
  | "publint"
  | "digest-as-served"
  | "clean-install"
  | "exports-resolve"
  | "bins-start"
  | "entries-load";

/** One thing a gate found. The wording is made from `code` and `args` by whoever shows it. */
export interface Finding {
  readonly code: string;
  readonly args: Readonly<Record<string, string>>;
  /** Set by the runner on what the last published version already had. */
  readonly known?: boolean;
}

export type Verdict =
  | { readonly outcome: "pass" }
  | { readonly outcome: "warn"; readonly findings: readonly Finding[] }
  | { readonly outcome: "fail"; readonly findings: readonly Finding[] }
  | { readonly outcome: "skipped"; readonly because: string };

/** What a gate finds: faults stop the release, remarks are shown. */
export interface Check {
  readonly faults: readonly Finding[];
  readonly remarks: readonly Finding[];
  /** Set when the gate had nothing to look at. */
  readonly skipped?: string;
}

export interface Gate {
  readonly name: GateName;
  /** True: it installs or starts something, so few of these run at once. */
  readonly consumes: boolean;
  check(subject: GateSubject, ports: GatePorts): Promise<Check>;
}

/** One version under test, as its users will get it. */
export interface GateSubject {
  readonly name: PackageName;
  readonly version: string;
  /** The digest that was sealed; null for a version that others published. */
  readonly integrity: Integrity | null;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly files: PackedFiles;
}

/** The files inside the tarball, without the leading `package/`. */
export interface PackedFiles {
  readonly paths: readonly string[];
  /** The file's bytes; null when the tarball does not hold it. */
  read(path: string): Uint8Array | null;
}

/** What gates need of the world. Everything is bounded in time by whoever implements it. */
export interface GatePorts {
  /** The digest of a fresh download from the staging registry; null when the version is not there. */
  servedIntegrity(name: PackageName, version: string): Promise<Integrity | null>;
  /** The version installed, with its peers, into an empty folder from the staging registry. Asked twice it answers from memory. */
  install(name: PackageName, version: string): Promise<Installation>;
  /** The version that users get now, for telling old findings from new ones; null when there is none. */
  lastPublished(name: PackageName): Promise<GateSubject | null>;
}

export type Installation =
  | {
      readonly ok: true;
      /** Runs Node on a module text with the folder as working directory. */
      runNode(script: string, timeoutMs: number): Promise<Ran>;
      /** Starts an installed bin with arguments and no input. */
      runBin(bin: string, args: readonly string[], timeoutMs: number): Promise<Ran>;
    }
  | { readonly ok: false; readonly log: string };

export interface Ran {
  /** Null: ended by a signal or by the time limit. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** One line of the gate report. */
export interface GateResult {
  readonly package: PackageName;
  readonly version: string;
  readonly gate: GateName;
  readonly verdict: Verdict;
  readonly durationMs: number;
}
