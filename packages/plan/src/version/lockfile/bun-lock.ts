import { editJson } from "../edit-json.ts";
import type { EditedLockfile, LockfileChanges } from "./lockfile-changes.ts";

/** `workspaces[DIR]` holds each manifest's version and ranges; older files repeat the ranges in `packages[NAME][1]`. */
export function editBunLock(text: string, { manifests }: LockfileChanges): EditedLockfile {
  const edits = manifests.flatMap(({ dir, package: owner, changes }) =>
    changes.flatMap(({ keys, value }) => [
      { keys: ["workspaces", dir, ...keys], value },
      ...(keys.length === 2 ? [{ keys: ["packages", owner, 1, ...keys], value }] : []),
    ]),
  );
  return { text: editJson(text, edits), unresolved: [] };
}
