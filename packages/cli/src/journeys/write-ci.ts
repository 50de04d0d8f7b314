import { readText, replaceText } from "@slipway/host";
import type { ExitStatus } from "@slipway/kernel";
import { planGitHub, planGitLab, type CiFacts } from "@slipway/plan";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Outside } from "../command.ts";
import { version as slipway } from "../version.ts";
import { loadVersioning } from "../wire/load-versioning.ts";

export interface WriteCiFlags {
  readonly forge: "github" | "gitlab";
  readonly plan: boolean;
  readonly json: boolean;
}

/** `slipway ci`: the workflows that check changesets, open the version pull request and release; written, or edited in place. */
export async function writeCi(flags: WriteCiFlags, outside: Outside): Promise<ExitStatus> {
  const { root, workspace, input } = await loadVersioning(outside.cwd);
  const facts: CiFacts = {
    manager: workspace.manager,
    baseBranch: input.settings.baseBranch,
    slipway,
    files: await workflowFiles(root),
  };
  const plan = await (flags.forge === "github" ? planGitHub(facts) : planGitLab(facts));
  if (!flags.plan)
    for (const { path, after } of plan.edits) if (after !== null) await replaceText(join(root, path), after);
  if (flags.json) {
    outside.answer(JSON.stringify({ schema: 1, ...plan }, null, 2));
    return 0;
  }
  const [written, edited] = flags.plan ? ["would write", "would edit"] : ["wrote", "edited"];
  if (plan.edits.length === 0) outside.answer("nothing to write: everything is as it should be");
  for (const { path, before, after } of plan.edits) {
    outside.answer(`${before === null ? written : edited} ${path}`);
    if (flags.plan && after !== null) outside.answer(after.trimEnd().replaceAll(/^/gm, "    "));
  }
  for (const note of plan.notes) outside.say(`- ${note}`);
  return 0;
}

async function workflowFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const folder = ".github/workflows";
  const names = await readdir(join(root, folder)).catch(() => []);
  const paths = names
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => `${folder}/${name}`);
  const files = new Map<string, string>();
  for (const path of [...paths, ".gitlab-ci.yml"]) {
    const text = await readText(join(root, path));
    if (text !== null) files.set(path, text);
  }
  return files;
}
