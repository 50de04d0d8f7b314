import type { WorkspaceTexts } from "../texts.ts";
import type { PackageManager } from "../types.ts";

/**
 * Whether a plain range (`^1.0.0`) that the workspace's own version fits is linked to it. All package managers do so but
 * pnpm, which from version 9 on takes the registry's copy unless `linkWorkspacePackages` says otherwise.
 *
 * @param settings pnpm-workspace.yaml as parsed
 */
export function linksRanges(
  { name, version }: PackageManager,
  { files }: WorkspaceTexts,
  settings: Readonly<Record<string, unknown>>,
): boolean {
  if (name !== "pnpm") return true;
  const declared = settings["linkWorkspacePackages"];
  if (declared !== undefined) return declared !== false;
  const inNpmrc = /^\s*link-workspace-packages\s*=\s*(\S+)/m.exec(files.get(".npmrc") ?? "")?.[1];
  if (inNpmrc !== undefined) return inNpmrc !== "false";
  const major = Number(/^\d+/.exec(version ?? "")?.[0]);
  if (!Number.isNaN(major)) return major < 9;
  const lockfile = Number(/^lockfileVersion:\s*'?(\d+)/m.exec(files.get("pnpm-lock.yaml") ?? "9")?.[1] ?? 9);
  return lockfile < 9;
}
