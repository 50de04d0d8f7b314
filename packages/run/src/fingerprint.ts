import {
  canonicalJson,
  sha256,
  type Json,
  type RelativePath,
  type Sha256,
  type TaskId,
} from "@slipway/kernel";

/**
 * What a file is, as one word: `SHA-256` of its bytes, with `:x` when its owner may execute it; `link:TARGET` for a
 * symbolic link, which is never followed; `commit:ID` for a submodule.
 */
export type FileMark = string;

/**
 * All that decides what a task does, by name. Its SHA-256 is what the task's result is stored under, and it is kept,
 * so that the reason for a miss is the difference of two such values. docs/cache-key.md says why each field is there.
 */
export interface Fingerprint {
  /** Of this shape, and of what stored results mean. Raised when either changes. */
  readonly format: 1;
  readonly trustDomain: string;
  readonly task: TaskId;
  readonly dir: RelativePath;
  readonly command: Json;
  readonly args: readonly string[];
  readonly outputs: Json;
  readonly files: Readonly<Record<RelativePath, FileMark>>;
  readonly globalFiles: Readonly<Record<RelativePath, FileMark>>;
  /** Texts of the dotenv files whose variables the task sees, as digests. */
  readonly dotenv: Readonly<Record<RelativePath, string>>;
  readonly needs: Readonly<Record<TaskId, Sha256>>;
  readonly dependencyOutputs: Readonly<Record<RelativePath, Sha256>>;
  readonly lockfile: string | null;
  readonly json: Readonly<Record<string, Json>>;
  readonly runtime: Readonly<Record<string, string>>;
  readonly values: Json;
  readonly globalValues: Json;
  /** Values of the variables that count; null where one is not set. */
  readonly env: Readonly<Record<string, string | null>>;
  readonly envMode: "strict" | "loose" | "filtered";
  /** Names and patterns that the task sees: what is visible decides, whatever the values are. */
  readonly passThroughEnv: readonly string[];
  readonly platform: { readonly os: string; readonly arch: string; readonly node: string | null };
}

export function digestOfFingerprint(value: Fingerprint): Sha256 {
  return sha256(canonicalJson(value));
}
