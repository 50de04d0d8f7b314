import { UserError } from "@slipway/kernel";
import type { ReleaseHome } from "./release-home.ts";
import type { ReleaseStory } from "./request.ts";
import { readSealedFolder, type SealedBatch } from "./sealed-folder.ts";

/**
 * What was begun here and has not ended. Where its folder is gone or damaged this machine is as good as another one: what
 * was uploaded is found on the registries, and adopted.
 */
export async function batchBegun(
  home: ReleaseHome,
  tell: (story: ReleaseStory) => void,
): Promise<SealedBatch | null> {
  const id = await home.current();
  if (id === null) return null;
  try {
    return await readSealedFolder(home.folderOf(id));
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "release/seal-broken") throw error;
    await home.end(id);
    tell({ type: "note", text: `${error.message}: what the registries have of it is looked up and adopted` });
    return null;
  }
}

/** A release that was begun goes on as it was planned then. */
export function sameBatch(begun: SealedBatch, sealed: SealedBatch): SealedBatch {
  const { id } = sealed.plan;
  if (begun.plan.id !== id) throw anotherBegun(begun.plan.id);
  if (digestsOf(begun) === digestsOf(sealed)) return begun;
  throw new UserError("release/other-plan", `release ${id} was begun here with other tarballs`, {
    hint: "end it with `slipway release resume`, or give it up with `slipway release abort`",
  });
}

function digestsOf({ tarballs }: SealedBatch): string {
  return tarballs.map(({ integrity }) => integrity).join();
}

function anotherBegun(id: string): UserError {
  return new UserError("release/unfinished", `release ${id} was begun here and has not ended`, {
    hint: "end it with `slipway release resume`, or give it up with `slipway release abort`",
  });
}
