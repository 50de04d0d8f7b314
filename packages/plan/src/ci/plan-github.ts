import type { RelativePath } from "@slipway/kernel";
import type { FileEdit } from "../version/types.ts";
import { jobsText, releaseJobs, releaseWorkflow } from "./github-jobs.ts";
import { unpinnedIn } from "./pinned-actions.ts";
import { publishingJobs } from "./publishing-jobs.ts";
import { checkWorkflow, commentWorkflow } from "./pull-request-workflows.ts";
import { refreshed } from "./refreshed.ts";
import type { CiFacts, CiPlan } from "./types.ts";

const folder = ".github/workflows";

/**
 * Plans the workflows of GitHub: a check and a comment for pull requests, and the release. A workflow that publishes today
 * keeps its file name and its job's environment, since trusted publishers are bound to them, and all that is not about
 * publishing; one that is Slipway's already has only its version brought up to date.
 */
export async function planGitHub(facts: CiFacts): Promise<CiPlan> {
  const edits: FileEdit[] = [];
  const notes: string[] = [];
  const release = await releaseFile(facts);
  edits.push(release.edit);
  notes.push(...release.notes);
  for (const [name, text] of [
    ["changesets", checkWorkflow(facts)],
    ["changesets-comment", commentWorkflow(facts)],
  ] as const) {
    const { path, before } = existing(facts, name);
    edits.push({ path, before, after: before === null ? text : refreshed(before, facts) });
  }
  return { edits: edits.filter(({ before, after }) => before !== after), notes };
}

async function releaseFile(
  facts: CiFacts,
): Promise<{ readonly edit: FileEdit; readonly notes: readonly string[] }> {
  for (const [path, before] of facts.files)
    if (/\bslipway(?:@\S+)? (?:version-pr|release)\b/.test(before))
      return {
        edit: { path, before, after: refreshed(before, facts) },
        notes: [`${path} releases with Slipway already: its version is brought up to date`],
      };
  for (const [path, before] of facts.files) {
    const found = await publishingJobs(before);
    if (!found) continue;
    const jobs = jobsText(releaseJobs(facts, found.taken), found.column);
    const after = inFormOf(before, replaced(before, found.ranges, `${jobs}\n`));
    const unpinned = unpinnedIn(jobs).map(
      (action) => `${action} is not pinned by commit: whoever can move its tag can change this job`,
    );
    const intro = `${path} is edited in place, with job ${found.taken.publish.job} and its environment as they were: trusted publishers stay valid`;
    return { edit: { path, before, after }, notes: [intro, ...found.notes, ...unpinned] };
  }
  const { path, before } = existing(facts, "release");
  if (before !== null)
    return {
      edit: { path: `${folder}/slipway-release.yml`, before: null, after: releaseWorkflow(facts) },
      notes: [`${path} does not publish, so the release stands in a file of its own`],
    };
  return { edit: { path, before, after: releaseWorkflow(facts) }, notes: [] };
}

/** A workflow's file may end in yml or yaml. */
function existing(
  { files }: CiFacts,
  name: string,
): { readonly path: RelativePath; readonly before: string | null } {
  for (const path of [`${folder}/${name}.yml`, `${folder}/${name}.yaml`]) {
    const before = files.get(path);
    if (before !== undefined) return { path, before };
  }
  return { path: `${folder}/${name}.yml`, before: null };
}

/** The first range becomes the new text, the others go. */
function replaced(
  text: string,
  ranges: readonly { readonly start: number; readonly end: number }[],
  by: string,
): string {
  let result = text;
  ranges.toReversed().forEach(({ start, end }, at) => {
    const isFirst = at === ranges.length - 1;
    result = `${result.slice(0, start)}${isFirst ? by : ""}${result.slice(end)}`;
  });
  return result;
}

function inFormOf(before: string, after: string): string {
  return before.includes("\r\n") ? after.replaceAll(/\r?\n/g, "\r\n") : after;
}
