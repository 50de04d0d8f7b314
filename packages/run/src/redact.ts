import { looksSecret } from "./environment.ts";
import type { LogPiece } from "./ports.ts";

/** Shorter values would be found in harmless text. */
const secretCharsMin = 8;

const tokenPatterns = [
  /\bgh[pousr]_[A-Za-z0-9]{36,}/g,
  /\bgithub_pat_\w{40,}/g,
  /\bnpm_[A-Za-z0-9]{36,}/g,
  /\bglpat-[\w-]{20,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g,
];

/** `https://user:password@host`, as addresses of databases and registries have it. */
const addressWithPassword = /:\/\/[^/\s:@]*:[^/\s@]+@/;

/** True for what has the form of a well-known token, or an address with a password in it, whatever its name is. */
export function carriesSecret(value: string): boolean {
  return [...tokenPatterns, addressWithPassword].some((pattern) => value.search(pattern) !== -1);
}

/**
 * Takes secrets out of a log before it is kept: the values of variables that look secret or that a task sees without
 * counting them, and what has the form of a well-known token. A secret that is split between two pieces is found too.
 */
export function redactLog(
  log: readonly LogPiece[],
  env: Readonly<Record<string, string>>,
  passThrough: ReadonlySet<string>,
): readonly LogPiece[] {
  const values = Object.entries(env)
    .filter(([name, value]) => value.length >= secretCharsMin && (looksSecret(name) || passThrough.has(name)))
    .map(([, value]) => value)
    .toSorted((a, b) => b.length - a.length);
  return joinedPieces(log).map(([stream, text]) => [stream, redacted(text, values)]);
}

function redacted(text: string, values: readonly string[]): string {
  const withoutValues = values.reduce((rest, value) => rest.replaceAll(value, "***"), text);
  return tokenPatterns.reduce((rest, pattern) => rest.replaceAll(pattern, "***"), withoutValues);
}

function joinedPieces(log: readonly LogPiece[]): LogPiece[] {
  const joined: [1 | 2, string][] = [];
  for (const [stream, text] of log) {
    const last = joined.at(-1);
    if (last?.[0] === stream) last[1] += text;
    else joined.push([stream, text]);
  }
  return joined;
}
