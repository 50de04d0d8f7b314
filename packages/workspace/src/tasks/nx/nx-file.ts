import { isRecord, type RelativePath } from "@slipway/kernel";
import type { Findings } from "../../parse/findings.ts";
import { parseJson, type JsonDocument } from "../../parse/json-document.ts";
import type { WorkspaceTexts } from "../../texts.ts";
import type { Config } from "./nx-target.ts";

/** A parsed nx.json, project.json, or package.json with its `nx` field. */
export interface NxFile {
  readonly file: RelativePath;
  readonly document: JsonDocument;
  readonly value: Config;
  /** What it extends: its fields are in the value where it has none of its own of that name. */
  readonly base?: NxFile;
}

/** nx.json, with the fields of the file that it extends where it has none of that name itself. */
export function readNxJson(texts: WorkspaceTexts, findings: Findings): NxFile | null {
  const own = readNxFile("nx.json", texts, findings);
  const { nxPreset } = texts;
  const base = own && nxPreset !== undefined ? readNxFile(nxPreset, texts, findings) : null;
  return own && base ? { ...own, value: { ...base.value, ...own.value }, base } : own;
}

/** Reads one of nx's files; null when it is not there or malformed. */
export function readNxFile(file: RelativePath, texts: WorkspaceTexts, findings: Findings): NxFile | null {
  const text = texts.files.get(file);
  if (text === undefined) return null;
  const document = parseJson({ file, text, code: "config/malformed" }, "jsonc", findings);
  if (!document) return null;
  if (isRecord(document.value)) return { file, document, value: document.value };
  findings.problems.push({ code: "config/malformed", message: `${file} must hold an object`, file, line: 1 });
  return null;
}

/** Where each field of an object stands, by name: `nx.json:12`. */
export function fieldSources(
  { file, document, base }: Pick<NxFile, "file" | "document" | "base">,
  path: readonly (string | number)[],
  config: Config,
): Readonly<Record<string, string>> {
  const [first] = path;
  const isInherited = base && isRecord(document.value) && !Object.hasOwn(document.value, first ?? "");
  if (isInherited) return fieldSources(base, path, config);
  const entries = Object.keys(config).map((key) => [key, `${file}:${document.lineOf([...path, key])}`]);
  return Object.fromEntries(entries) as Record<string, string>;
}
