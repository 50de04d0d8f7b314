import fc from "fast-check";
import { editFile, fileEditKinds } from "./file-edits.ts";
import { editOutputs, outputEditKinds } from "./output-edits.ts";
import { packageNames } from "./scripts.ts";
import type { SmallWorkspace } from "./small-workspace.ts";
import { editWorkspace, workspaceEditKinds } from "./workspace-edits.ts";

/** One thing that happens to a work tree between two runs. */
export interface Edit {
  readonly kind: string;
  readonly package: string;
  readonly file: string;
  readonly salt: number;
}

export const editKinds: readonly string[] = [...fileEditKinds, ...outputEditKinds, ...workspaceEditKinds];

function edits(kinds: readonly string[], files: readonly string[]): fc.Arbitrary<Edit> {
  return fc.record({
    kind: fc.constantFrom(...kinds),
    package: fc.constantFrom(...packageNames),
    file: fc.constantFrom(...files),
    salt: fc.integer({ min: 0, max: 5 }),
  });
}

export const editArbitrary: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 5, arbitrary: edits(fileEditKinds, ["one.txt", "two.txt", "three.txt"]) },
  { weight: 3, arbitrary: edits(outputEditKinds, ["one.txt"]) },
  { weight: 6, arbitrary: edits(workspaceEditKinds, ["one.txt"]) },
);

/** A change of a source while the tasks run, at once after their inputs were looked at. */
export const meanwhileArbitrary: fc.Arbitrary<Edit> = edits(
  ["write", "same size and mtime", "replace by rename", "mode"],
  ["one.txt", "two.txt"],
);

/** @returns whether anything was there for it to happen to */
export function apply({ kind, file, ...rest }: Edit, workspace: SmallWorkspace): boolean {
  const place = { ...rest, workspace };
  if (fileEditKinds.includes(kind)) return editFile(kind, { ...place, file });
  return outputEditKinds.includes(kind) ? editOutputs(kind, place) : editWorkspace(kind, place);
}
