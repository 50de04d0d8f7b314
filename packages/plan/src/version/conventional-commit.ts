import type { Bump } from "./types.ts";

/** One change that a commit's message tells. Source: Conventional Commits 1.0.0. */
export interface ConventionalChange {
  readonly type: string;
  readonly scopes: readonly string[];
  readonly summary: string;
  /** What `BREAKING CHANGE:` says; empty for `!` alone, null for neither. */
  readonly breaking: string | null;
}

const HEADER = /^([a-zA-Z]+)(?:\(([^)]*)\))?(!)?:[ \t]+(\S.*)$/;
const ITEM = /^[*-][ \t]+(.+)$/gm;
const BREAKING =
  /^BREAKING[ -]CHANGE:[ \t]*([^]*?)(?=\n\n[A-Za-z-]+(?:: | #)|\n[A-Z][\w-]*-[\w-]+: |(?![^]))/m;

/**
 * The changes that a message tells: by its subject; where that is not conventional, as a forge's squash often writes it,
 * by the items of its body.
 */
export function conventionalChanges(message: string): readonly ConventionalChange[] {
  const [subject = "", ...rest] = message.split("\n");
  const body = rest.join("\n").trim();
  const own = changeOf(subject);
  const items = [...body.matchAll(ITEM)].flatMap(([, line = ""]) => changeOf(line) ?? []);
  const note = BREAKING.exec(body)?.[1]?.trim();
  if (own === null) return items.map((item) => withBreaking(item, items.length === 1 ? note : undefined));
  // A squashed commit breaks what its parts broke.
  const broken = items.find(({ breaking }) => breaking !== null)?.summary;
  return [withBreaking(own, note ?? broken)];
}

function changeOf(line: string): ConventionalChange | null {
  const [, type, scope = "", breaking, summary] = HEADER.exec(line.trim()) ?? [];
  if (type === undefined || summary === undefined) return null;
  const scopes = scope.split(",").map((each) => each.trim());
  return {
    type: type.toLowerCase(),
    scopes: scopes.filter((each) => each !== ""),
    summary: worded(summary),
    breaking: breaking === undefined ? null : "",
  };
}

function withBreaking(change: ConventionalChange, note: string | undefined): ConventionalChange {
  return note === undefined ? change : { ...change, breaking: note };
}

/** A line for a changelog: without the number of its pull request, and with a capital letter. */
export function worded(subject: string): string {
  const bare = subject.replace(/\s*\(#\d+\)\s*$/, "").trim();
  return `${bare.charAt(0).toUpperCase()}${bare.slice(1)}`;
}

/** The commit that a revert takes back: git's own sentence names it. */
export function revertedCommit(message: string): string | null {
  return /\bThis reverts commit ([0-9a-f]{7,64})\b/.exec(message)?.[1] ?? null;
}

export const defaultCommitTypes: Readonly<Record<string, Bump>> = {
  feat: "minor",
  fix: "patch",
  perf: "patch",
  revert: "patch",
};

/** The bump that a change asks for. */
export function bumpOfChange(change: ConventionalChange, types: Readonly<Record<string, Bump>>): Bump {
  if (change.breaking !== null) return "major";
  return (Object.hasOwn(types, change.type) ? types[change.type] : undefined) ?? "none";
}
