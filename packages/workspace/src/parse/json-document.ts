import { positionAt, type Problem } from "@slipway/kernel";
import { parse, printParseErrorCode, type ParseError } from "jsonc-parser";
import type { Findings } from "./findings.ts";
import { lineIndex, pathKey, type LineIndex } from "./line-index.ts";
import { nestingDepthMax, textFault, withoutByteOrderMark, type SourceText } from "./text-faults.ts";

/** A parsed JSON text that can still say where each of its values stands. */
export interface JsonDocument {
  readonly file: string;
  readonly value: unknown;
  /** The line (from 1) of the property or item at a path; of its nearest ancestor when it is not there. */
  lineOf(path: readonly (string | number)[]): number;
}

/**
 * Parses JSON.
 *
 * @param dialect `jsonc` takes comments and trailing commas, as turbo and nx do; manifests are strict JSON
 * @returns null when the text is malformed; each fault is then among the problems
 */
export function parseJson(
  source: SourceText,
  dialect: "json" | "jsonc",
  findings: Findings,
): JsonDocument | null {
  const text = withoutByteOrderMark(source.text);
  const before = findings.problems.length;
  const value = parsedValue({ ...source, text }, dialect, findings);
  if (findings.problems.length > before) return null;
  return { file: source.file, value, lineOf: lineFinder(text) };
}

function parsedValue(source: SourceText, dialect: "json" | "jsonc", findings: Findings): unknown {
  const { file, text, code } = source;
  const deep = tooDeepAt(text);
  if (deep !== null) {
    const message = `${file} is nested deeper than ${nestingDepthMax} levels`;
    findings.problems.push({ code, message, file, ...positionAt(text, deep) });
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const errors: ParseError[] = [];
    const value: unknown = parse(text, errors, {
      disallowComments: dialect === "json",
      allowTrailingComma: dialect === "jsonc",
    });
    if (errors.length === 0 && dialect === "jsonc") return value;
    findings.problems.push(...faults(source, errors, error));
    return undefined;
  }
}

function faults(source: SourceText, errors: readonly ParseError[], error: unknown): Problem[] {
  const { file, text, code } = source;
  const fault = textFault(source);
  if (fault) return [fault];
  if (text.trim() === "") return [{ code, message: `${file} is empty`, file, line: 1, column: 1 }];
  const [first] = errors;
  const reason = first
    ? sentence(printParseErrorCode(first.error))
    : String(error instanceof Error ? error.message : error);
  const offset = first?.offset ?? Number(/position (\d+)/.exec(reason)?.[1] ?? 0);
  // One fault makes jsonc-parser report several that follow from it: only the first helps.
  return [{ code, message: `${file} is not valid JSON: ${reason}`, file, ...positionAt(text, offset) }];
}

/** `CommaExpected` -> `comma expected`. */
function sentence(errorCode: string): string {
  return errorCode.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

function tooDeepAt(text: string): number | null {
  if (!hasMany(text, "{") && !hasMany(text, "[")) return null;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at++;
      else if (char === 0x22 || char === 0x0a) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > nestingDepthMax) return at;
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
  return null;
}

/** More of these than half the depth allowed: only then a text can be too deep, and its characters are looked at one by one. */
function hasMany(text: string, opening: string): boolean {
  let count = 0;
  for (let at = text.indexOf(opening); at !== -1; at = text.indexOf(opening, at + 1)) {
    if (++count > nestingDepthMax / 2) return true;
  }
  return false;
}

function lineFinder(text: string): JsonDocument["lineOf"] {
  let index: LineIndex | undefined;
  return (path) => {
    index ??= lineIndex(text);
    for (let length = path.length; length > 0; length--) {
      const line = index.get(pathKey(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  };
}
