import { ForeignModule, resolveFrom } from "@slipway/host";
import { join } from "node:path";
import type { LoadedVersioning } from "./load-versioning.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const SECONDS = 120;

/**
 * A generator that the configuration names, as if a file in `.changeset` had imported it.
 *
 * @returns null when nothing of this name is there
 */
export async function loadForeignModule(
  versioning: LoadedVersioning,
  module: string,
  env: Environment,
): Promise<ForeignModule | null> {
  const { root } = versioning;
  const file = resolveFrom(join(root, ".changeset"), module);
  return file === null
    ? null
    : ForeignModule.load(file, { cwd: root, env, answerMs: answerMsOf(versioning) });
}

/** How long the repository's code may go without any answer. */
export function answerMsOf({ ownSettings }: LoadedVersioning): number {
  return (ownSettings.generatorSeconds ?? SECONDS) * 1000;
}
