import { autocompleteMultiselect, cancel, isCancel, multiselect, note, select, text } from "@clack/prompts";
import { planVersions, type Bump } from "@slipway/plan";
import type { Change, ChangeFlags, Proposal } from "../journeys/change-proposal.ts";
import { bumpReasonText } from "../report/versions.ts";

type Named = readonly { readonly name: string; readonly type: Bump | undefined }[];

/** Asks for what the flags left open; null when the person gave up. */
export async function askForChange(
  flags: ChangeFlags,
  proposal: Proposal,
  named: Named,
): Promise<Change | null> {
  const chosen = named.length > 0 ? named : await askForPackages(proposal);
  const releases = chosen && (await askForBumps(chosen, flags));
  if (!releases) return givenUp();
  await showDependents(releases, proposal);
  const summary = flags.message ?? (await askForSummary(proposal));
  if (summary === null) return givenUp();
  return { releases, summary };
}

const LIST_MAX = 12;

async function askForPackages({ choices, changed }: Proposal): Promise<Named | null> {
  const [only] = choices;
  if (choices.length === 1 && only !== undefined) return [{ name: only, type: undefined }];
  const options = choices.map((name) => {
    return { value: name, label: name, ...(changed.includes(name) ? { hint: "changed" } : {}) };
  });
  const asked = {
    message: "Which packages does this change for their users?",
    options,
    initialValues: [...changed],
    required: true,
  };
  const answer =
    choices.length > LIST_MAX
      ? await autocompleteMultiselect({ ...asked, maxItems: LIST_MAX })
      : await multiselect(asked);
  return isCancel(answer) ? null : answer.map((name) => ({ name, type: undefined }));
}

async function askForBumps(chosen: Named, flags: ChangeFlags): Promise<Change["releases"] | null> {
  const releases: { name: string; type: Bump }[] = [];
  for (const { name, type } of chosen) {
    const bump = type ?? flags.bump ?? (await askForBump(name));
    if (bump === null) return null;
    releases.push({ name, type: bump });
  }
  return releases;
}

async function askForBump(name: string): Promise<Bump | null> {
  const answer = await select<Bump>({
    message: `How much does it change ${name}?`,
    options: [
      { value: "patch", label: "patch", hint: "a fix: nobody has to change anything" },
      { value: "minor", label: "minor", hint: "something new" },
      { value: "major", label: "major", hint: "users have to change something" },
      { value: "none", label: "none", hint: "no release for this" },
    ],
    initialValue: "patch",
  });
  return isCancel(answer) ? null : answer;
}

/** Who else will get a new version because of this change alone. */
async function showDependents(releases: Change["releases"], { versioning }: Proposal): Promise<void> {
  const changesets = [{ id: "this-change", summary: "", releases }];
  const decision = await planVersions({ ...versioning.input, preState: null, changesets });
  const named = new Set(releases.map(({ name }) => name));
  const lines = decision.bumps
    .filter((bump) => !named.has(bump.package))
    .map((bump) => `${bump.package} ${bump.bump}: ${bump.because.map(bumpReasonText).join("; ")}`);
  if (lines.length > 0) note(lines.join("\n"), "these follow by themselves");
}

async function askForSummary({ subjects }: Proposal): Promise<string | null> {
  const [newest] = subjects;
  const answer = await text({
    message: "What changed, in words for its users? (it becomes the line in the changelog)",
    ...(newest === undefined ? {} : { initialValue: newest }),
    validate: (value) => ((value ?? "").trim() === "" ? "a few words, please" : undefined),
  });
  return isCancel(answer) ? null : answer.trim();
}

function givenUp(): null {
  cancel("nothing was written");
  return null;
}
