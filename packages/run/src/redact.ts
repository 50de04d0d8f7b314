import { isSystemName, looksSecret } from "./environment.ts";
import type { LogPiece } from "./ports.ts";

/** Shorter values would be found in harmless text. */
const secretCharsMin = 8;

const tokenPatterns = [
  /\bgh[pousr]_[A-Za-z0-9]{36,}/g,
  /\bgithub_pat_\w{40,}/g,
  /\bnpm_[A-Za-z0-9]{36,}/g,
  /\bglpat-[\w-]{20,}/g,
  /\bxox[abposr]-[\w-]{10,}/g,
  /\bsk_live_[A-Za-z0-9]{16,}/g,
  /\bA(?:KI|SI)A[0-9A-Z]{16}\b/g,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /(?<=\b(?:authorization|proxy-authorization): *(?:bearer|basic|token) +)[\w.~+/=-]{8,}/gi,
  // The password of `https://user:password@host`, as addresses of databases and registries have it.
  /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
];

/** True for what has the form of a well-known token, or an address with a password in it, whatever its name is. */
export function carriesSecret(value: string): boolean {
  return tokenPatterns.some((pattern) => value.search(pattern) !== -1);
}

/** What a workflow asks its runner to hide, said in the log itself. */
const masked = /^::add-mask::(.+?)\r?$/gm;

/**
 * The values that must not be kept: of variables that look secret, and of those that a task sees without counting them,
 * unless every task sees them: a home directory or the name of a repository is no secret.
 * A value of several lines may be printed line by line.
 */
export function secretValues(
  env: Readonly<Record<string, string>>,
  isPassed: (name: string) => boolean,
): readonly string[] {
  return Object.entries(env)
    .filter(([name]) => looksSecret(name) || (isPassed(name) && !isSystemName(name)))
    .flatMap(([, value]) => [value, ...value.split(/\r?\n/)]);
}

/**
 * Takes secrets out of a log before it is kept: values, also as URLs and JSON hold them, and what has the form of a
 * well-known token. What is split between pieces is found too, also when pieces of the other stream lie between.
 *
 * @returns a piece for each piece, maybe an empty one
 */
export function redactLog(log: readonly LogPiece[], secrets: readonly string[]): readonly LogPiece[] {
  const redacted = log.map(([stream, text]): [1 | 2, string] => [stream, text]);
  for (const stream of [1, 2] as const) {
    const own = redacted.filter((piece) => piece[0] === stream);
    hideIn(own, secrets);
  }
  return redacted;
}

/** As few pieces as hold the same. */
export function joinedPieces(log: readonly LogPiece[]): readonly LogPiece[] {
  const joined: [1 | 2, string][] = [];
  for (const [stream, text] of log) {
    const last = joined.at(-1);
    if (last?.[0] === stream) last[1] += text;
    else if (text !== "") joined.push([stream, text]);
  }
  return joined;
}

type Range = readonly [from: number, to: number];

function hideIn(pieces: readonly [1 | 2, string][], secrets: readonly string[]): void {
  if (pieces.length === 0) return;
  const text = pieces.map((piece) => piece[1]).join("");
  const ranges = merged(rangesIn(text, secrets));
  if (ranges.length === 0) return;
  let start = 0;
  let next = 0;
  for (const piece of pieces) {
    const end = start + piece[1].length;
    let kept = "";
    let at = start;
    while (at < end) {
      const [from, to] = ranges[next] ?? [end, end];
      kept += text.slice(at, Math.min(Math.max(from, at), end));
      if (from >= end) break;
      // Where it begins it leaves its mark; pieces that it goes on in lose their part.
      if (from >= at) kept += "***";
      at = Math.min(to, end);
      if (to <= end) next++;
    }
    piece[1] = kept;
    start = end;
  }
}

function rangesIn(text: string, secrets: readonly string[]): Range[] {
  const asked = [...text.matchAll(masked)].map(([, value = ""]) => value);
  const values = new Set([...secrets, ...asked].flatMap(writtenForms));
  const ranges: Range[] = [];
  for (const value of values) {
    for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length)) {
      ranges.push([at, at + value.length]);
    }
  }
  for (const pattern of tokenPatterns) {
    for (const { index, 0: found } of text.matchAll(pattern)) ranges.push([index, index + found.length]);
  }
  return ranges;
}

function writtenForms(secret: string): readonly string[] {
  const value = secret.trim();
  if (value.length < secretCharsMin) return [];
  return [value, encodeURIComponent(value.toWellFormed()), JSON.stringify(value).slice(1, -1)];
}

function merged(ranges: readonly Range[]): Range[] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
