import { isRecord } from "@slipway/kernel";
import { editJson } from "../edit-json.ts";
import type { EditedLockfile, LockfileChanges } from "./lockfile-changes.ts";

/** `packages[DIR]` holds a copy of each manifest's version and ranges; version 2 repeats the ranges in `requires`. */
export function editNpmLock(text: string, { manifests }: LockfileChanges): EditedLockfile {
  const lock = parsed(text);
  const packages = isRecord(lock["packages"]) ? lock["packages"] : {};
  const unresolved: string[] = [];
  const edits = manifests.flatMap(({ dir, package: owner, changes }) =>
    changes.flatMap(({ keys, value }) => {
      const [field = "", name] = keys;
      const own = { keys: ["packages", dir, ...keys], value };
      if (name === undefined) return dir === "" ? [own, { keys: ["version"], value }] : [own];
      const nested =
        packages[`${dir === "" ? "" : `${dir}/`}node_modules/${name}`] ?? packages[`node_modules/${name}`];
      if (field !== "peerDependencies" && isRecord(nested) && nested["link"] !== true)
        unresolved.push(`${name} in ${owner}`);
      return [own, { keys: ["dependencies", owner, "requires", name], value }];
    }),
  );
  return { text: editJson(text, edits), unresolved };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
