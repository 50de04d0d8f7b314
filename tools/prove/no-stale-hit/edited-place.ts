import type { SmallWorkspace } from "./small-workspace.ts";

/** Where an edit happens, and one number that it may use as it likes. */
export interface EditedPlace {
  readonly workspace: SmallWorkspace;
  readonly package: string;
  readonly salt: number;
}

export function did(act: () => unknown): true {
  act();
  return true;
}
