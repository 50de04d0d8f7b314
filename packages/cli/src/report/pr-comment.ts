import type { PackageBump } from "@slipway/plan";

export interface PrCommentFacts {
  readonly bumps: readonly PackageBump[];
  /** Changed packages that no changeset of the branch names. */
  readonly missing: readonly string[];
  /** Changesets that the branch adds. */
  readonly added: readonly string[];
  /** Where a changeset can be written in the contributor's branch; null: not known. */
  readonly newFile: { readonly repository: string; readonly branch: string; readonly server: string } | null;
  readonly fileName: string;
}

/** The first line finds the comment again, so that there is one a pull request. */
export const commentMark = "<!-- slipway: changesets -->";

/** The Markdown of a pull request's one comment. Everything that comes from the branch is escaped. */
export function prComment(facts: PrCommentFacts): string {
  return [commentMark, ...verdict(facts), ...table(facts.bumps), ...invitation(facts)].join("\n");
}

function verdict({ missing, added }: PrCommentFacts): string[] {
  if (missing.length > 0) {
    const names = missing.map(code).join(", ");
    return ["### No changeset yet", "", `Changed, and named by no changeset: ${names}.`];
  }
  if (added.length === 0) return ["### No changeset needed", "", "Nothing that is published changed."];
  const count = added.length === 1 ? "a changeset" : `${added.length} changesets`;
  return ["### Changeset found", "", `This pull request adds ${count}.`];
}

function table(bumps: readonly PackageBump[]): string[] {
  if (bumps.length === 0) return [];
  const rows = bumps.map((each) => `| ${code(each.package)} | ${each.bump} | ${each.from} → ${each.to} |`);
  return ["", "| package | bump | version |", "| --- | --- | --- |", ...rows];
}

function invitation({ missing, newFile, fileName }: PrCommentFacts): string[] {
  if (missing.length === 0) return [];
  const text = `---\n${missing.map((name) => `"${name}": patch\n`).join("")}---\n\nWhat changed, in words for users\n`;
  const command = `slipway change --package ${missing.join(" --package ")} --bump patch --message "…"`;
  const link =
    newFile &&
    `${newFile.server}/${newFile.repository}/new/${encodeURIComponent(newFile.branch)}` +
      `?filename=${encodeURIComponent(`.changeset/${fileName}.md`)}&value=${encodeURIComponent(text)}`;
  return [
    "",
    ...(link === null ? [] : [`[Write one here](${link}), or run`]),
    "",
    "```sh",
    fenceless(command),
    "```",
  ];
}

/** As inline code that nothing in the text can leave. */
function code(text: string): string {
  return `\`${text.replaceAll(/[`|\r\n]/g, "").replaceAll("@", "@\u200B")}\``;
}

function fenceless(text: string): string {
  return text.replaceAll("`", "").replaceAll(/[\r\n]+/g, " ");
}
