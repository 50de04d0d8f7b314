import { changedSinceRelease } from "@slipway/host";
import type { Changeset } from "@slipway/plan";
import { whySkipped } from "@slipway/plan";
import type { LoadedVersioning } from "./load-versioning.ts";

/** Stands for changesets where none was written: a patch for each publishable package that changed since its release. */
export async function changesSinceRelease(
  versioning: LoadedVersioning,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Changeset[]> {
  const { input, root } = versioning;
  const publishable = input.packages.filter(
    (each) => !each.manifest["private"] && whySkipped(each, input) === null,
  );
  const asked = publishable.map(({ name, dir, manifest }) => ({
    name,
    dir,
    version: String(manifest["version"]),
  }));
  const changed = await changedSinceRelease(root, asked, env);
  return [...changed].map(([name, since]) => ({
    id: `changed-${name.replaceAll(/\W+/g, "-")}`,
    summary: `Changed since ${since}`,
    releases: [{ name, type: "patch" as const }],
  }));
}
