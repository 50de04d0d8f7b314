import type { VersionPlan } from "@slipway/plan";

export interface RequestWords {
  readonly title: string;
  /** The dist-tag of pre mode; null outside of it. */
  readonly preTag: string | null;
  readonly base: string;
  /** `pull request` or `merge request`. */
  readonly requestTitle: string;
}

/** GitHub takes 65,536 characters. */
const BODY_LENGTH_MAX = 60_000;

/** Title and text of the request that gives the versions: what would be released, with the entries of the changelogs. */
export function versionRequest(plan: VersionPlan, words: RequestWords): { title: string; body: string } {
  const title = words.preTag === null ? words.title : `${words.title} (${words.preTag})`;
  const head = [
    `Opened by Slipway. Merge this ${words.requestTitle} when these versions shall be released; until then it follows \`${words.base}\`.`,
    ...(words.preTag === null
      ? []
      : ["", `\`${words.base}\` is in pre mode: these are prereleases until \`slipway pre exit\`.`]),
    "",
    "| package | bump | version |",
    "| --- | --- | --- |",
    ...plan.bumps.map(({ package: name, bump, from, to }) => `| \`${name}\` | ${bump} | ${from} → ${to} |`),
    "",
  ].join("\n");
  const whole = `${head}\n${entries(plan).join("\n\n")}\n`;
  if (whole.length <= BODY_LENGTH_MAX) return { title, body: whole };
  const short = `${head}\nThe changelogs are too long to be shown here; they are in the files.\n`;
  const shortest = "The list of packages is too long to be shown here; it is in the files.\n";
  return { title, body: short.length <= BODY_LENGTH_MAX ? short : shortest };
}

/** What each changelog gains, below the package's name and version. */
function entries({ bumps, edits }: VersionPlan): string[] {
  const changelogs = edits.filter(({ path }) => path === "CHANGELOG.md" || path.endsWith("/CHANGELOG.md"));
  const found: string[] = [];
  for (const { package: name, to } of bumps) {
    const heading = `## ${to}`;
    const own = changelogs.find((edit) => isOf(edit, name, heading));
    const text = own?.after?.split("\n") ?? [];
    const start = text.indexOf(heading);
    if (start === -1) continue;
    const end = text.findIndex((line, at) => at > start && /^##? /.test(line));
    const entry = text.slice(start + 1, end === -1 ? undefined : end).join("\n");
    found.push(`## ${name}@${to}\n\n${entry.trim()}`);
  }
  return found;
}

/** A changelog begins with its package's name; its new heading was not there before. */
function isOf(edit: VersionPlan["edits"][number], name: string, heading: string): boolean {
  const first = edit.after?.split("\n", 1)[0]?.trim();
  return (
    first === `# ${name}` &&
    edit.after?.split("\n").includes(heading) === true &&
    !edit.before?.split("\n").includes(heading)
  );
}
