import { replaceText } from "@slipway/host";
import { didYouMean, UserError, type ExitStatus } from "@slipway/kernel";
import { whySkipped, type Bump } from "@slipway/plan";
import { changesetText } from "@slipway/release";
import { basename, join } from "node:path";
import type { Outside } from "../command.ts";
import { freeChangesetName } from "../wire/changeset-name.ts";
import { loadCommitMessages } from "../wire/commit-messages.ts";
import { openInEditor } from "../wire/open-in-editor.ts";
import { loadVersioning, type LoadedVersioning } from "../wire/load-versioning.ts";
import { commitWritten } from "./commit-written.ts";
import { proposeChange, type Change, type ChangeFlags, type Proposal } from "./change-proposal.ts";

/** `slipway change`: writes a changeset, from flags or by asking. */
export async function addChange(flags: ChangeFlags, outside: Outside): Promise<ExitStatus> {
  const versioning = await loadVersioning(outside.cwd);
  const change = await changeFrom(flags, versioning, outside);
  if (change === null) return 130;
  const path = `.changeset/${freeChangesetName(versioning.root)}.md`;
  await replaceText(join(versioning.root, path), changesetText(change));
  outside.answer(path);
  outside.say(
    change.releases.length === 0
      ? "an empty changeset: this change needs no release"
      : change.releases.map(({ name, type }) => `  ${name}: ${type}`).join("\n"),
  );
  if (flags.open) await openInEditor([join(versioning.root, path)], outside);
  const message = await (
    await loadCommitMessages(versioning, outside.env)
  )?.forChangeset({ id: basename(path, ".md"), ...change });
  if (message)
    await commitWritten(versioning.root, { message, paths: [path], again: "commit by hand" }, outside);
  return 0;
}

async function changeFrom(
  flags: ChangeFlags,
  versioning: LoadedVersioning,
  outside: Outside,
): Promise<Change | null> {
  if (flags.empty) return { releases: [], summary: flags.message ?? "" };
  const named = namedReleases(flags, versioning);
  const complete = flags.message !== undefined && named.every((each) => each.type !== undefined);
  if (complete && named.length > 0) return { releases: named.map(withBump), summary: flags.message };
  const proposal = await proposeChange(flags, versioning, outside);
  if (outside.terminal.interactive) {
    const { askForChange } = await import("../prompts/ask-for-change.ts");
    return askForChange(flags, proposal, named);
  }
  if (named.length === 0 && flags.bump !== undefined && flags.message !== undefined) {
    const type = flags.bump;
    const releases = proposal.selected.map((each) => ({ name: each.package, type }));
    if (releases.length > 0) return { releases, summary: flags.message };
  }
  throw incomplete(flags, proposal, named);
}

interface NamedRelease {
  readonly name: string;
  readonly type: Bump | undefined;
}

const BUMPS: readonly Bump[] = ["none", "patch", "minor", "major"];

/** @throws UserError with every name that no package has */
function namedReleases(flags: ChangeFlags, { input }: LoadedVersioning): readonly NamedRelease[] {
  const names = input.packages.map((each) => each.name);
  const releases = flags.packages.map((text): NamedRelease => {
    const [, name = text, bump] = /^(.+):(none|patch|minor|major)$/.exec(text) ?? [];
    return { name, type: BUMPS.find((each) => each === bump) ?? flags.bump };
  });
  const problems = releases
    .filter(({ name }) => !names.includes(name))
    .map(({ name }) => {
      const guess = didYouMean(name, names);
      const hint = guess ? `did you mean "${guess}"?` : "`slipway graph` lists the packages";
      return { code: "package/unknown" as const, message: `there is no package "${name}"`, hint };
    });
  if (problems.length > 0) throw UserError.of(problems);
  for (const { name } of releases) {
    const each = input.packages.find((candidate) => candidate.name === name);
    const skipped = whySkipped(each, { settings: { ...input.settings, ignore: [] } });
    if (skipped !== null)
      throw new UserError("changeset/mixed", `"${name}" can't be released: ${skipped}`, {
        hint: "set privatePackages.version in .changeset/config.json, or leave the package out",
      });
  }
  return releases;
}

function withBump({ name, type }: NamedRelease): { readonly name: string; readonly type: Bump } {
  return { name, type: type ?? "patch" };
}

function incomplete(flags: ChangeFlags, proposal: Proposal, named: readonly NamedRelease[]): UserError {
  const missing = [
    ...(named.length === 0 ? ["--package NAME"] : []),
    ...(flags.bump === undefined && named.some(({ type }) => type === undefined) ? ["--bump BUMP"] : []),
    ...(named.length === 0 && flags.bump === undefined ? ["--bump BUMP"] : []),
    ...(flags.message === undefined ? ["--message TEXT"] : []),
  ];
  const selected = proposal.selected.map((each) => each.package);
  const names = selected.length > 0 ? selected : proposal.choices.slice(0, 1);
  const example = names.map((name) => `--package ${name}`).join(" ");
  const found = selected.length > 0 ? ` (changed: ${selected.join(", ")})` : " (no package changed)";
  return new UserError(
    "cli/bad-argument",
    `without a terminal to ask on, change needs ${missing.join(", ")}${found}`,
    {
      hint: `slipway change ${example} --bump patch --message "what changed, for its users"`,
    },
  );
}
