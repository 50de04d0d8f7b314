import { replaceText } from "@slipway/host";
import { UserError, type ExitStatus } from "@slipway/kernel";
import { enteredPreState, preStatePath, preStateText } from "@slipway/plan";
import { join } from "node:path";
import type { Outside } from "../command.ts";
import { loadVersioning, type VersioningChoices } from "../wire/load-versioning.ts";

/** `slipway pre enter TAG`: from now on `slipway version` gives prereleases. */
export async function enterPre(
  tag: string,
  choices: VersioningChoices,
  outside: Outside,
): Promise<ExitStatus> {
  const { root, input } = await loadVersioning(outside.cwd, choices);
  refuseTag(tag);
  if (input.preState?.mode === "pre") {
    const hint = "leave it with `slipway pre exit` first";
    throw new UserError("version/pre-mode", `pre mode "${input.preState.tag}" is entered already`, { hint });
  }
  await replaceText(join(root, preStatePath), preStateText(enteredPreState(tag, input)));
  outside.say(`entered pre mode "${tag}": \`slipway version\` now gives prereleases; commit ${preStatePath}`);
  return 0;
}

/** `slipway pre exit`: the next `slipway version` turns prereleases into releases. */
export async function exitPre(choices: VersioningChoices, outside: Outside): Promise<ExitStatus> {
  const { root, input } = await loadVersioning(outside.cwd, choices);
  if (!input.preState) {
    const hint = "`slipway pre enter TAG` enters it";
    throw new UserError("version/pre-mode", "this repository is not in pre mode", { hint });
  }
  await replaceText(join(root, preStatePath), preStateText({ ...input.preState, mode: "exit" }));
  outside.say(`left pre mode "${input.preState.tag}": the next \`slipway version\` gives releases`);
  return 0;
}

/** @throws UserError `cli/bad-argument` for what can't stand in a version, or would be taken for its number */
export function refuseTag(tag: string): void {
  if (/^[0-9A-Za-z-]+$/.test(tag) && !/^\d+$/.test(tag)) return;
  const hint = "letters, digits and dashes, such as next or beta";
  throw new UserError("cli/bad-argument", `"${tag}" can't be part of a version`, { hint });
}
