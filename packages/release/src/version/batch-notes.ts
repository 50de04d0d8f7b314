import type { Bump, VersionDecision } from "@slipway/plan";
import type { ChangelogGenerator, CommittedChangeset } from "./ports.ts";

export interface NotesSources {
  readonly decision: VersionDecision;
  readonly changesets: readonly CommittedChangeset[];
  readonly generator: ChangelogGenerator;
}

type Section = Exclude<Bump, "none">;

const TITLES: readonly (readonly [Section, string])[] = [
  ["major", "Major Changes"],
  ["minor", "Minor Changes"],
  ["patch", "Patch Changes"],
];

/**
 * The notes of a whole batch as Markdown: every changeset once, under its largest bump and with the packages that bring
 * it, then the packages that only follow.
 */
export async function batchNotes({ decision, changesets, generator }: NotesSources): Promise<string> {
  const told = toldChangesets(decision, changesets);
  const sections: string[] = [];
  for (const [type, title] of TITLES) {
    const parts: string[] = [];
    for (const [packages, own] of grouped(told.filter((each) => each.type === type))) {
      const lines = await Promise.all(own.map(({ changeset }) => generator.releaseLine(changeset, type)));
      const list = lines.map((line) => line.replaceAll(/[ \t]+$/gm, "").trim()).filter((line) => line !== "");
      parts.push(`**${packages}**\n\n${list.join("\n")}`);
    }
    if (parts.length > 0) sections.push(`## ${title}\n\n${parts.join("\n\n")}`);
  }
  const following = decision.notes.filter((notes) => notes.changesets.length === 0);
  if (following.length > 0) {
    const names = following.map((notes) => `- ${notes.package} ${notes.version}`).join("\n");
    sections.push(`## Updated with their dependencies\n\n${names}`);
  }
  return sections.length > 0 ? `${sections.join("\n\n")}\n` : "";
}

interface ToldChangeset {
  readonly changeset: CommittedChangeset;
  readonly type: Section;
  /** `core 1.1.0, web 2.0.0`. */
  readonly packages: string;
}

function toldChangesets(
  { notes }: VersionDecision,
  changesets: readonly CommittedChangeset[],
): readonly ToldChangeset[] {
  return changesets.flatMap((changeset): ToldChangeset[] => {
    const own = notes.flatMap((each) => {
      const told = each.changesets.find(({ id }) => id === changeset.id);
      return told ? [{ name: `${each.package} ${each.version}`, type: told.type }] : [];
    });
    const [type] = TITLES.map(([each]) => each).filter((each) => own.some((told) => told.type === each));
    return type ? [{ changeset, type, packages: own.map(({ name }) => name).join(", ") }] : [];
  });
}

function grouped(told: readonly ToldChangeset[]): ReadonlyMap<string, readonly ToldChangeset[]> {
  const groups = new Map<string, ToldChangeset[]>();
  for (const each of told) groups.set(each.packages, [...(groups.get(each.packages) ?? []), each]);
  return groups;
}
