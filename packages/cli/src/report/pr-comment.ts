import type { PrFacts } from "./pr-facts.ts";

/** Where a changeset can be written in the contributor's branch. */
export interface NewFilePlace {
  readonly kind: "github" | "gitlab";
  /** The page of the repository that has the branch, a fork perhaps: `https://github.com/somebody/fork`. */
  readonly repositoryUrl: string;
  readonly branch: string;
}

/** The first line finds the comment again, so that there is one a pull request. */
export const commentMark = "<!-- slipway: changesets -->";

const ROWS_MAX = 200;

/** The Markdown of a pull request's one comment. Everything that comes from the branch is escaped. */
export function prComment(
  facts: PrFacts,
  { place, fileName }: { readonly place: NewFilePlace | null; readonly fileName: string },
): string {
  const invite = facts.missing.length > 0 ? invitation(facts.missing, place, fileName) : [];
  return [
    commentMark,
    ...verdict(facts),
    ...refused(facts.beyond ?? []),
    ...table(facts.bumps),
    ...invite,
  ].join("\n");
}

function verdict({ missing, added, versioning }: PrFacts): string[] {
  if (versioning)
    return ["### New versions", "", "This pull request gives the versions of the pending changesets."];
  if (missing.length > 0) {
    const names = listed(missing.map(code));
    return ["### No changeset yet", "", `Changed, and named by no changeset: ${names}.`];
  }
  if (added === 0) return ["### No changeset needed", "", "Nothing that is published changed."];
  const count = added === 1 ? "a changeset" : `${added} changesets`;
  return ["### Changeset found", "", `This pull request adds ${count}.`];
}

function refused(beyond: readonly string[]): string[] {
  if (beyond.length === 0) return [];
  const lines = beyond.slice(0, ROWS_MAX).map((each) => `- ${code(each)}`);
  return ["", "**This branch can't release it:**", "", ...lines];
}

function table(bumps: PrFacts["bumps"]): string[] {
  if (bumps.length === 0) return [];
  const rows = bumps
    .slice(0, ROWS_MAX)
    .map((each) => `| ${code(each.package)} | ${each.bump} | ${code(each.from)} → ${code(each.to)} |`);
  const more = bumps.length > ROWS_MAX ? ["", `and ${bumps.length - ROWS_MAX} more`] : [];
  return ["", "| package | bump | version |", "| --- | --- | --- |", ...rows, ...more];
}

function invitation(missing: readonly string[], place: NewFilePlace | null, fileName: string): string[] {
  const text = `---\n${missing.map((name) => `${quoted(name)}: patch\n`).join("")}---\n\nWhat changed, in words for users\n`;
  const packages = missing.map((name) => `--package ${inShell(name)}`).join(" ");
  return [
    "",
    ...(place === null
      ? []
      : [`[Write one here](${newFileUrl(place, `.changeset/${fileName}.md`, text)}), or run`]),
    "",
    "```sh",
    `slipway change ${packages} --bump patch --message "…"`,
    "```",
    "",
    "A change that needs no release says so with `slipway change --empty`.",
  ];
}

/** Both forges open their editor on a new file with this name and text. */
function newFileUrl({ kind, repositoryUrl, branch }: NewFilePlace, path: string, text: string): string {
  const inPath = branch.split("/").map(inUrl).join("/");
  return kind === "github"
    ? `${repositoryUrl}/new/${inPath}?filename=${inUrl(path)}&value=${inUrl(text)}`
    : `${repositoryUrl}/-/new/${inPath}?file_name=${inUrl(path)}&content=${inUrl(text)}`;
}

/** encodeURIComponent leaves the characters that would end a link in Markdown. */
function inUrl(text: string): string {
  const marks = text
    .toWellFormed()
    .replaceAll(/[!'()*]/g, (mark) => `\u0000${mark.charCodeAt(0).toString(16)}`);
  return encodeURIComponent(marks).replaceAll("%00", "%");
}

/** As inline code that nothing in the text can leave, in a table neither; an `@` notifies nobody. */
function code(text: string): string {
  return `\`${plain(text).replaceAll(/[`|]/g, "").replaceAll("@", "@\u200B")}\``;
}

/** A name as one word of a command that somebody may copy. */
function inShell(name: string): string {
  const word = plain(name).replaceAll("`", "");
  return /^[\w@./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A name as a key in YAML. */
function quoted(name: string): string {
  return JSON.stringify(plain(name));
}

/** Without line ends, control characters, and those that turn the direction of what follows. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "");
}

function listed(names: readonly string[]): string {
  const rest = names.length - ROWS_MAX;
  return `${names.slice(0, ROWS_MAX).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
