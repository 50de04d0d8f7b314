import { isRecord, type Checked, type Problem } from "@slipway/kernel";
import { parseTree, type ParseError } from "jsonc-parser";
import { jsonFault } from "../settings/json-fault.ts";
import type { Changeset, Generation, PreState, VersionInput } from "./types.ts";

export const preStatePath = ".changeset/pre.json";

/** Reads `.changeset/pre.json` in the form of either generation. */
export function readPreState(text: string): Checked<PreState> {
  const errors: ParseError[] = [];
  parseTree(text, errors);
  const fault = jsonFault(text, errors, false);
  if (fault) return broken(`the state of pre mode ${fault.what}`, fault.place);
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) return broken("the state of pre mode must be an object");
  const { mode, tag, initialVersions, changesets } = value;
  if (mode !== "pre" && mode !== "exit") return broken('"mode" must be "pre" or "exit"');
  if (typeof tag !== "string" || tag === "") return broken('"tag" must be a word such as "next"');
  const versions = isRecord(initialVersions) ? initialVersions : undefined;
  const ids = Array.isArray(changesets) ? changesets.filter((id) => typeof id === "string") : undefined;
  return {
    ok: true,
    warnings: [],
    value: {
      mode,
      tag,
      ...(versions ? { initialVersions: versions as Readonly<Record<string, string>> } : {}),
      ...(ids ? { changesets: ids } : {}),
    },
  };
}

/** Those that no earlier prerelease of this pre mode has taken: what generation 2 lists, 3 keeps in a folder. */
export function pendingChangesets({ changesets, preState }: VersionInput): readonly Changeset[] {
  if (preState?.mode !== "pre") return changesets;
  const taken = new Set(preState.changesets);
  return changesets.filter(({ id }) => !taken.has(id) && !id.startsWith("pre/"));
}

/** The state in the form that the generation's planner takes: 2 needs its lists, 3 has none. */
export function preStateFor(state: PreState, generation: Generation): PreState {
  if (generation === 3) return { mode: state.mode, tag: state.tag };
  return { ...state, initialVersions: state.initialVersions ?? {}, changesets: state.changesets ?? [] };
}

/** The state that `pre enter` writes; one that was left, but not yet released from, is entered anew. */
export function enteredPreState(
  tag: string,
  now: Pick<VersionInput, "generation" | "packages" | "preState">,
): PreState {
  if (now.generation === 3) return { mode: "pre", tag };
  const initialVersions = Object.fromEntries(
    now.packages.flatMap((each) => {
      const { version } = each.manifest;
      return typeof version === "string" ? [[each.name, version] as const] : [];
    }),
  );
  return { mode: "pre", tag, initialVersions, changesets: now.preState?.changesets ?? [] };
}

export function preStateText(state: PreState): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

function broken(
  message: string,
  place: Pick<Problem, "line" | "column"> = { line: 1, column: 1 },
): Checked<PreState> {
  const hint = '`slipway pre enter TAG` writes it anew; it looks like { "mode": "pre", "tag": "next" }';
  const problem: Problem = {
    code: "config/malformed",
    message,
    file: preStatePath,
    ...place,
    hint,
  };
  return { ok: false, problems: [problem], warnings: [] };
}
