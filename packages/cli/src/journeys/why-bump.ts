import { didYouMean, UserError, type ExitStatus } from "@slipway/kernel";
import { planVersions, type PackageBump } from "@slipway/plan";
import type { Outside } from "../command.ts";
import { bumpReasonText } from "../report/versions.ts";
import { loadVersioning, type VersioningChoices } from "../wire/load-versioning.ts";

/** `slipway why-bump PACKAGE`: every reason for its new version, and the reasons for those, down to the changesets. */
export async function explainBump(
  asked: { readonly name: string; readonly json: boolean },
  choices: VersioningChoices,
  outside: Outside,
): Promise<ExitStatus> {
  const { input } = await loadVersioning(outside.cwd, choices);
  const names = input.packages.map((each) => each.name);
  if (!names.includes(asked.name)) {
    const guess = didYouMean(asked.name, names);
    throw new UserError("package/unknown", `there is no package "${asked.name}"`, {
      hint: guess ? `did you mean "${guess}"?` : "`slipway graph` lists the packages",
    });
  }
  const { bumps } = await planVersions(input);
  const byName = new Map(bumps.map((bump) => [bump.package, bump]));
  const chain = chainOf(asked.name, byName);
  if (asked.json) outside.answer(JSON.stringify({ schema: 1, package: asked.name, chain }, null, 2));
  else if (chain.length === 0) outside.answer(`${asked.name} keeps its version: no changeset reaches it`);
  else outside.answer(treeOf(asked.name, byName).join("\n"));
  return 0;
}

/** The bump itself first, then those that it follows from. */
function chainOf(name: string, byName: ReadonlyMap<string, PackageBump>): readonly PackageBump[] {
  const seen = new Set([name]);
  for (const each of seen) for (const next of causesOf(byName.get(each))) seen.add(next);
  return [...seen].flatMap((each) => byName.get(each) ?? []);
}

function causesOf(bump: PackageBump | undefined): readonly string[] {
  return (bump?.because ?? []).flatMap((reason) => {
    if (reason.kind === "dependency") return [reason.dependency];
    return reason.kind === "fixed" || reason.kind === "linked" ? reason.with : [];
  });
}

function treeOf(name: string, byName: ReadonlyMap<string, PackageBump>): string[] {
  const told = new Set<string>();
  const lines: string[] = [];
  const tell = (each: string, indent: string): void => {
    const bump = byName.get(each);
    if (!bump) return;
    const known = told.has(each);
    told.add(each);
    lines.push(`${indent}${each} ${bump.from} → ${bump.to} (${bump.bump})${known ? ", as above" : ""}`);
    if (known) return;
    for (const reason of bump.because) {
      lines.push(`${indent}  because ${bumpReasonText(reason)}`);
      if (reason.kind === "dependency") tell(reason.dependency, `${indent}    `);
    }
  };
  tell(name, "");
  return lines;
}
