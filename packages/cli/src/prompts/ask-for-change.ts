import {
  autocompleteMultiselect,
  cancel,
  isCancel,
  log,
  multiselect,
  note,
  select,
  text,
} from "@clack/prompts";
import { planVersions, type Bump } from "@slipway/plan";
import type { Change, ChangeFlags, Proposal } from "../journeys/change-proposal.ts";
import { bumpReasonText } from "../report/versions.ts";

type Named = readonly { readonly name: string; readonly type: Bump | undefined }[];

/**
 * Asks for what the flags left open; null when the person gave up. What the branch says by itself is proposed whole, so
 * that one Enter is enough where it is right.
 */
export async function askForChange(
  flags: ChangeFlags,
  proposal: Proposal,
  named: Named,
): Promise<Change | null> {
  if (proposal.told.length > 0)
    log.info(`named by a changeset of this branch already: ${proposal.told.join(", ")}`);
  const summary = flags.message ?? proposal.summary;
  const proposed = proposedReleases(flags, proposal, named);
  if (proposed === null || summary === null) return interview(flags, proposal, named);
  let change: Change = { releases: proposed, summary };
  for (;;) {
    note(await changeText(change, proposal), "this branch's changeset");
    const answer = await askWhatToDo();
    if (answer === "write") return change;
    const changed = answer === null ? null : await changedBy(answer, change, proposal);
    if (changed === null) return givenUp();
    change = changed;
  }
}

/** Null: nothing is known to propose. */
function proposedReleases(flags: ChangeFlags, proposal: Proposal, named: Named): Change["releases"] | null {
  const { selected } = proposal;
  const suggested = new Map(selected.map((each) => [each.package, each.bump]));
  const chosen: Named =
    named.length > 0 ? named : selected.map((each) => ({ name: each.package, type: undefined }));
  if (chosen.length === 0) return null;
  return chosen.map(({ name, type }) => ({
    name,
    type: type ?? flags.bump ?? suggested.get(name) ?? "patch",
  }));
}

type Answer = "write" | "summary" | "bumps" | "packages";

async function askWhatToDo(): Promise<Answer | null> {
  const answer = await select<Answer>({
    message: "Write it?",
    options: [
      { value: "write", label: "yes" },
      { value: "summary", label: "with other words" },
      { value: "bumps", label: "with other bumps" },
      { value: "packages", label: "with other packages" },
    ],
  });
  return isCancel(answer) ? null : answer;
}

async function changedBy(
  answer: Exclude<Answer, "write">,
  change: Change,
  proposal: Proposal,
): Promise<Change | null> {
  if (answer === "summary") {
    const summary = await askForSummary(change.summary);
    return summary === null ? null : { ...change, summary };
  }
  const named = change.releases.map(({ name }) => name);
  const names = answer === "bumps" ? named : await askForPackages(proposal, named);
  if (names === null) return null;
  const bumps = new Map(change.releases.map(({ name, type }) => [name, type]));
  const open = names.map((name) => ({ name, type: answer === "bumps" ? undefined : bumps.get(name) }));
  const releases = await askForBumps(open, bumps);
  return releases === null ? null : { ...change, releases };
}

async function interview(flags: ChangeFlags, proposal: Proposal, named: Named): Promise<Change | null> {
  const selected = proposal.selected.map((each) => each.package);
  const names = named.length > 0 ? named.map(({ name }) => name) : await askForPackages(proposal, selected);
  if (names === null) return givenUp();
  const given = names.map((name) => {
    return { name, type: named.find((each) => each.name === name)?.type ?? flags.bump };
  });
  const suggested = new Map(proposal.selected.map((each) => [each.package, each.bump]));
  const releases = await askForBumps(given, suggested);
  if (releases === null) return givenUp();
  const follow = await followersOf(releases, proposal);
  if (follow.length > 0) note(follow.join("\n"), "these follow by themselves");
  const summary = flags.message ?? (await askForSummary(proposal.summary ?? ""));
  return summary === null ? givenUp() : { releases, summary };
}

const LIST_MAX = 12;

async function askForPackages(
  { choices, changed }: Proposal,
  initial: readonly string[],
): Promise<readonly string[] | null> {
  const [only] = choices;
  if (choices.length === 1 && only !== undefined) return [only];
  const options = choices.map((name) => {
    return { value: name, label: name, ...(changed.includes(name) ? { hint: "changed" } : {}) };
  });
  const asked = {
    message: "Which packages does this change for their users?",
    options,
    initialValues: [...initial],
    required: true,
  };
  const answer =
    choices.length > LIST_MAX
      ? await autocompleteMultiselect({ ...asked, maxItems: LIST_MAX })
      : await multiselect(asked);
  return isCancel(answer) ? null : answer;
}

async function askForBumps(
  chosen: Named,
  suggested: ReadonlyMap<string, Bump>,
): Promise<Change["releases"] | null> {
  const releases: { name: string; type: Bump }[] = [];
  for (const { name, type } of chosen) {
    const bump = type ?? (await askForBump(name, suggested.get(name) ?? "patch"));
    if (bump === null) return null;
    releases.push({ name, type: bump });
  }
  return releases;
}

async function askForBump(name: string, initialValue: Bump): Promise<Bump | null> {
  const answer = await select<Bump>({
    message: `How much does it change ${name}?`,
    options: [
      { value: "patch", label: "patch", hint: "a fix: nobody has to change anything" },
      { value: "minor", label: "minor", hint: "something new" },
      { value: "major", label: "major", hint: "users have to change something" },
      { value: "none", label: "none", hint: "no release for this" },
    ],
    initialValue,
  });
  return isCancel(answer) ? null : answer;
}

const PACKAGES_MAX = 12;
/** What the box around the text takes of a line. */
const FRAME_WIDTH = 8;

async function changeText({ releases, summary }: Change, proposal: Proposal): Promise<string> {
  const files = new Map(proposal.selected.map((each) => [each.package, each.files]));
  const shown = releases.slice(0, PACKAGES_MAX);
  const width = Math.max(...shown.map(({ name }) => name.length));
  const packages = shown.map(({ name, type }) => {
    return fitted(`${name.padEnd(width)}  ${type.padEnd(5)}  ${filesText(files.get(name) ?? [])}`.trimEnd());
  });
  const more = releases.length - shown.length;
  if (more > 0) packages.push(`and ${more} more`);
  const follow = await followersOf(releases, proposal);
  const following = follow.length > 0 ? ["", "these follow by themselves:", ...follow.map(fitted)] : [];
  return [...packages, ...following, "", summary].join("\n");
}

function filesText([first, ...others]: readonly string[]): string {
  if (first === undefined) return "";
  return others.length > 0 ? `${first} and ${others.length} more` : first;
}

function fitted(line: string): string {
  const width = Math.max(40, (process.stdout.columns || 80) - FRAME_WIDTH);
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

const FOLLOWERS_MAX = 8;

/** Who else will get a new version because of this change alone, one a line. */
async function followersOf(
  releases: Change["releases"],
  { versioning }: Proposal,
): Promise<readonly string[]> {
  const changesets = [{ id: "this-change", summary: "", releases }];
  const decision = await planVersions({ ...versioning.input, preState: null, changesets });
  const named = new Set(releases.map(({ name }) => name));
  const lines = decision.bumps
    .filter((bump) => !named.has(bump.package))
    .map((bump) => `${bump.package} ${bump.bump}: ${bump.because.map(bumpReasonText).join("; ")}`);
  const more = lines.length - FOLLOWERS_MAX;
  return more > 0 ? [...lines.slice(0, FOLLOWERS_MAX), `and ${more} more`] : lines;
}

async function askForSummary(initialValue: string): Promise<string | null> {
  const answer = await text({
    message: "What changed, in words for its users? (it becomes the line in the changelog)",
    ...(initialValue === "" ? {} : { initialValue }),
    validate: (value) => ((value ?? "").trim() === "" ? "a few words, please" : undefined),
  });
  return isCancel(answer) ? null : answer.trim();
}

function givenUp(): null {
  cancel("nothing was written");
  return null;
}
