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
  { root, ownSettings }: LoadedVersioning,
  module: string,
  env: Environment,
): Promise<ForeignModule | null> {
  const file = resolveFrom(join(root, ".changeset"), module);
  if (file === null) return null;
  const answerMs = (ownSettings.generatorSeconds ?? SECONDS) * 1000;
  return ForeignModule.load(file, { cwd: root, env, answerMs });
}
