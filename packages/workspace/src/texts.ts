import { isRecord, type RelativePath } from "@slipway/kernel";
import { noFindings } from "./parse/findings.ts";
import { parseJson } from "./parse/json-document.ts";
import { turboFiles } from "./text-names.ts";
import type { TaskSource } from "./types.ts";

/** The texts that a workspace is read from, as found on disk. */
export interface WorkspaceTexts {
  /**
   * By root-relative path. Each `DIR/package.json` makes DIR a package, each `DIR/project.json` an nx project;
   * beside them: the package's turbo.json(c), the root's configuration files and lockfiles (a binary one as an empty text).
   */
  readonly files: ReadonlyMap<RelativePath, string>;
  /** What `nx graph --file` wrote, where plugins must be asked (see nxGraphNeed). */
  readonly nxGraph?: string;
  /** The file that nx.json extends, among the files; what lies in node_modules too. */
  readonly nxPreset?: RelativePath;
  /** The root's file of turbo where it is not turbo.json or turbo.jsonc (turbo's `--root-turbo-json`). */
  readonly rootTurboJson?: RelativePath;
}

export interface ReadOptions {
  /** Takes the task rules from here, instead of the first of turbo, nx, pnpm, scripts that is there. */
  readonly tasksFrom?: TaskSource;
  /** True: neither task rules nor the lockfile are read, so that nothing wrong in them is in the way. */
  readonly packagesOnly?: boolean;
}

/** The root's file of turbo; null: there is none. */
export function rootTurboFile({ files, rootTurboJson }: WorkspaceTexts): RelativePath | null {
  if (rootTurboJson !== undefined && files.has(rootTurboJson)) return rootTurboJson;
  return turboFiles.find((name) => files.has(name)) ?? null;
}

/**
 * Where the root's scripts say that turbo's file is: `turbo build --root-turbo-json .config/turbo.jsonc`. Null where it is
 * in its usual place, or no script names another.
 */
export function turboFileInScripts({ files }: WorkspaceTexts): RelativePath | null {
  if (turboFiles.some((name) => files.has(name))) return null;
  const text = files.get("package.json") ?? "";
  const [, named = null] =
    /(?:\bturbo\b[^"\n]*?\s--root-turbo-json(?:=|\s+)|\bTURBO_ROOT_TURBO_JSON=)(?:\\"|')?([^\s"'\\]+)/.exec(
      text,
    ) ?? [];
  return named && named.replace(/^(?:\.\/)+/, "");
}

/** The file that nx.json extends, as written; null when it extends none, or none that says anything to us. */
export function nxPresetName({ files }: WorkspaceTexts): string | null {
  const text = files.get("nx.json");
  if (text === undefined || !text.includes('"extends"')) return null;
  const source = { file: "nx.json", text, code: "config/malformed" } as const;
  const value = parseJson(source, "jsonc", noFindings())?.value;
  const named = isRecord(value) ? value["extends"] : undefined;
  return typeof named !== "string" || named.startsWith("nx/presets/") ? null : named;
}
