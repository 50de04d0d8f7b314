import type { RelativePath } from "@slipway/kernel";
import { editBerryLock } from "./berry-lock.ts";
import { editBunLock } from "./bun-lock.ts";
import { editNpmLock } from "./npm-lock.ts";
import type { EditedLockfile, LockfileChanges } from "./lockfile-changes.ts";
import { editPnpmLock } from "./pnpm-lock.ts";

/** The lockfiles of a root whose texts can be edited; Yarn Classic's does not hold the workspace's packages at all. */
export const lockfiles = [
  "pnpm-lock.yaml",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "bun.lock",
];

/** Brings the workspace's entries up to date; nothing is resolved, so all else stays as it is. */
export function editLockfile(path: RelativePath, text: string, changes: LockfileChanges): EditedLockfile {
  switch (path) {
    case "pnpm-lock.yaml":
      return editPnpmLock(text, changes);
    case "package-lock.json":
    case "npm-shrinkwrap.json":
      return editNpmLock(text, changes);
    case "bun.lock":
      return editBunLock(text, changes);
    default:
      return text.includes("\n__metadata:") ? editBerryLock(text, changes) : { text, unresolved: [] };
  }
}
