import { UserError } from "@slipway/kernel";
import type { ChosenPackage } from "@slipway/plan";
import { select } from "@slipway/workspace";
import { relative, sep } from "node:path";
import type { Outside, Values } from "../command.ts";
import { names, type changeFlags, type selectionFlags } from "../flags/selection.ts";
import { warningText } from "../report-error.ts";
import type { LoadedWorkspace } from "../wire/load-workspace.ts";

type Flags = Values<typeof selectionFlags & typeof changeFlags>;

export interface Choice {
  /** Null: nothing was typed that chooses, which means all of them. */
  readonly packages: readonly ChosenPackage[] | null;
}

/** The packages that the selection flags and the caller's directory mean; warnings are told, problems thrown. */
export async function choosePackages(
  loaded: LoadedWorkspace,
  flags: Flags,
  outside: Outside,
): Promise<Choice> {
  const selected = select(loaded.workspace, {
    filters: flags.filter,
    projects: names(flags.projects),
    exclude: names(flags.exclude),
    cwd: relative(loaded.root, outside.cwd).split(sep).join("/"),
    changed: {},
    affected: null,
  });
  for (const warning of selected.warnings) outside.say(warningText(warning));
  if (!selected.ok) throw UserError.of(selected.problems);
  return { packages: selected.value };
}
