import { UserError } from "@slipway/kernel";
import type { RegistryPort, SealedTarball } from "@slipway/release";
import { readFile } from "node:fs/promises";

/** On a registry that nobody but this process sees, the newest upload is what everybody gets. */
const stagedTag = "latest";

/**
 * Puts sealed packages on a staging registry, so that they can be tested as their users will get them.
 *
 * @throws UserError registry/staging-refused when the registry does not take one
 */
export async function stagePackages(
  tarballs: readonly SealedTarball[],
  staging: RegistryPort,
): Promise<void> {
  for (const tarball of tarballs) {
    const bytes = await readFile(tarball.path);
    const answer = await staging.upload({ tarball, bytes, tag: stagedTag, access: null, metadata: {} });
    if (answer.outcome === "accepted") continue;
    // It may be there already, read through from the registry that it was uploaded to by an earlier run.
    const view = await staging.view(tarball.name);
    if (view?.versions[tarball.version]?.integrity === tarball.integrity) continue;
    throw new UserError(
      "registry/staging-refused",
      `the staging registry did not take ${tarball.name}@${tarball.version}: ${answer.message}`,
      { hint: "a version that the real registry has already can't be staged: see `slipway status`" },
    );
  }
}
