import { UserError } from "@slipway/kernel";
import type { Answer, RegistryPort, SealedTarball } from "@slipway/release";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";

/** On a registry that nobody but this process sees, the newest upload is what everybody gets. */
const stagedTag = "latest";

const attemptsMax = 6;
const waitMs = 400;

/**
 * Puts sealed packages on a staging registry, so that they can be tested as their users will get them.
 *
 * @throws UserError registry/staging-refused when the registry does not take one; registry/unreachable when what it
 * reads through from stays away
 */
export async function stagePackages(
  tarballs: readonly SealedTarball[],
  staging: RegistryPort,
): Promise<void> {
  for (const tarball of tarballs) {
    const answer = await staged(tarball, staging);
    if (answer.outcome === "accepted") continue;
    const what = `the staging registry did not take ${tarball.name}@${tarball.version}: ${answer.message}`;
    if (isPassing(answer)) {
      throw new UserError("registry/unreachable", what, {
        hint: "the registry that it reads through from does not answer; run the same command again when it does",
      });
    }
    throw new UserError("registry/staging-refused", what, {
      hint: "a version that the real registry has already can't be staged: see `slipway status`",
    });
  }
}

/** It looks whether the registry behind it has the package; one that has a bad moment there is asked again. */
async function staged(tarball: SealedTarball, staging: RegistryPort): Promise<Answer> {
  const bytes = await readFile(tarball.path);
  for (let attempt = 1; ; attempt++) {
    const answer = await staging.upload({ tarball, bytes, tag: stagedTag, access: null, metadata: {} });
    if (answer.outcome === "accepted") return answer;
    // It may be there already, read through from the registry that it was uploaded to by an earlier run.
    const view = await staging.view(tarball.name).catch(() => null);
    if (view?.versions[tarball.version]?.integrity === tarball.integrity) return { outcome: "accepted" };
    if (!isPassing(answer) || attempt === attemptsMax) return answer;
    await setTimeout(waitMs * attempt);
  }
}

function isPassing({ outcome }: Answer): boolean {
  return outcome === "retryable" || outcome === "unknown";
}
