import type { Bump, Generation } from "./types.ts";

export interface ChangelogDate {
  readonly day: string;
  readonly where: "below" | "heading";
}

/** The lines that a changelog generator gave for one release, in the order of its changesets. */
export interface ChangelogLines {
  readonly version: string;
  /** The day of the release, `2026-01-02`, and where it stands; null: nowhere. */
  readonly date?: ChangelogDate | null;
  readonly major: readonly string[];
  readonly minor: readonly string[];
  /** The line on dependencies is the last of these. */
  readonly patch: readonly string[];
}

/**
 * One release's entry as the generation's @changesets/apply-release-plan writes it. Generation 2 leaves the spacing to
 * prettier.
 *
 * @param tidied whether to space generation 2's entry as prettier would; false when a formatter follows
 */
export function changelogEntry(lines: ChangelogLines, generation: Generation, tidied: boolean): string {
  const titles: readonly (readonly [Exclude<Bump, "none">, string])[] = [
    ["major", "Major"],
    ["minor", "Minor"],
    ["patch", "Patch"],
  ];
  const sections = titles.flatMap(([type, title]) => {
    const told = lines[type].filter((line) => line !== "");
    if (told.length === 0) return [];
    const heading = `### ${title} Changes`;
    if (generation === 3) return [spaced(heading, told)];
    return [tidied ? `${heading}\n\n${asPrettier(told)}` : `${heading}\n\n${told.join("\n")}\n`];
  });
  const heading = headingOf(lines);
  if (generation === 2) return [heading, ...sections].join(tidied ? "\n\n" : "\n").trim();
  return [heading, ...(sections.length > 0 ? sections : ["No changes in this release."])].join("\n\n").trim();
}

function headingOf({ version, date }: ChangelogLines): string {
  if (!date) return `## ${version}`;
  return date.where === "heading" ? `## ${version} (${date.day})` : `## ${version}\n\n_${date.day}_`;
}

/**
 * The list as prettier leaves it: a blank line after an item that holds one, or where the generator put one; nothing
 * indented at its start, since there is nothing that it could stand below.
 */
function asPrettier(lines: readonly string[]): string {
  let list = "";
  for (const line of lines) {
    const last = list.slice(list.lastIndexOf("\n- ") + 1);
    const parted = /\n\n(?!\s*$)/.test(last) || last.endsWith("\n") || line.startsWith("\n");
    const item = line.replace(/^\n+/, "").replaceAll(/^[ \t]+$/gm, "");
    list = list === "" ? item : `${list.trimEnd()}${parted ? "\n\n" : "\n"}${item}`;
  }
  const flush = /^ {2,}- /.test(list) ? list.replaceAll(/^ {2}/gm, "") : list;
  return flush.replaceAll(/\n{3,}/g, "\n\n").trim();
}

/** Generation 3 lets a line ask for space by its own newlines: at least one, at most two between any two lines. */
function spaced(heading: string, lines: readonly string[]): string {
  let content = heading;
  let newlines = 2;
  for (const line of lines) {
    newlines += /^\n*/.exec(line)?.[0].length ?? 0;
    content += "\n".repeat(Math.min(Math.max(newlines, 1), 2)) + line.trim();
    newlines = /\n*$/.exec(line)?.[0].length ?? 0;
  }
  return content;
}

export interface ChangelogFile {
  readonly packageName: string;
  /** The file's text, or null when there is none yet. */
  readonly before: string | null;
  /** As for {@link changelogEntry}. */
  readonly tidied: boolean;
}

/** Puts an entry at the top of a changelog, below its title; a file with Windows line ends keeps them. */
export function changelogWith(entry: string, file: ChangelogFile, generation: Generation): string {
  const { before, packageName } = file;
  if (before === null || before === "") return `# ${packageName}\n\n${entry}\n`;
  const windows = before.includes("\r\n");
  const text = windows ? before.replaceAll("\r\n", "\n") : before;
  const after = generation === 2 ? prepended(entry, text, file.tidied) : insertedAboveVersions(entry, text);
  return windows ? after.replaceAll("\n", "\r\n") : after;
}

/** Source: prependFile in @changesets/apply-release-plan 7, and the blank line that prettier puts before a heading. */
function prepended(entry: string, text: string, tidied: boolean): string {
  const versionFirst = /^#{1,6}\s+\d+\.\d+/.test(text);
  const end = text.indexOf("\n");
  if (!versionFirst && end === -1) return `${text}\n\n${entry}\n`;
  const title = versionFirst ? "" : `${text.slice(0, end)}\n\n`;
  const rest = versionFirst ? text : text.slice(end + 1);
  const gap = tidied && rest !== "" && !rest.startsWith("\n") ? "\n" : "";
  return `${title}${entry}\n${gap}${rest}`;
}

/** Source: updateChangelog in @changesets/apply-release-plan 8. */
function insertedAboveVersions(entry: string, text: string): string {
  const at = text.search(/^#{1,6}\s+\d+\.\d+/m);
  if (at >= 0) return `${text.slice(0, at)}${entry}\n\n${text.slice(at)}`;
  const end = text.indexOf("\n");
  if (end === -1) return `${text}\n\n${entry}\n`;
  return `${text.slice(0, end)}\n\n${entry}\n${text.slice(end + 1)}`;
}
