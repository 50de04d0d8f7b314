import { isRecord } from "@slipway/kernel";
import semver from "semver";
import type { Check, GateSubject, Installation } from "./types.ts";

/**
 * Code that does not start under a Node that its own manifest excludes has no fault that could be seen here: then all is a
 * remark, and the version is told. Node is asked only where there is something to excuse.
 */
export async function excuseOtherNode(
  { name, manifest }: GateSubject,
  { runNode }: Pick<Installation & { ok: true }, "runNode">,
  check: Pick<Check, "faults" | "remarks">,
): Promise<Pick<Check, "faults" | "remarks">> {
  const wanted = isRecord(manifest["engines"]) ? manifest["engines"]["node"] : undefined;
  if (check.faults.length === 0 || typeof wanted !== "string" || semver.validRange(wanted) === null)
    return check;
  const { stdout } = await runNode("process.stdout.write(process.versions.node)", versionTimeoutMs);
  const here = semver.valid(stdout.trim());
  if (here === null || semver.satisfies(here, wanted, { includePrerelease: true })) return check;
  const finding = { code: "other-node", args: { name, wanted, here } };
  return { faults: [], remarks: [finding, ...check.faults, ...check.remarks] };
}

const versionTimeoutMs = 20_000;
