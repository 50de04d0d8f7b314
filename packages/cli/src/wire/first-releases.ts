import { inGit, openRepository } from "@slipway/host";
import type { VersionInput } from "@slipway/plan";
import { existsSync } from "node:fs";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Packages of pending changesets that nothing says were ever released: no changelog, and no tag in git. Where changelogs
 * are off, a repository without any tag (a shallow clone has none) says nothing.
 */
export async function firstReleasesIn(
  root: string,
  input: VersionInput,
  env: Environment,
): Promise<readonly string[]> {
  const named = new Set(input.changesets.flatMap(({ releases }) => releases.map(({ name }) => name)));
  const candidates = input.packages.filter(
    ({ name, dir }) => named.has(name) && !existsSync(join(root, dir, "CHANGELOG.md")),
  );
  if (candidates.length === 0 || !inGit(root)) return candidates.map(({ name }) => name);
  const tags = await (await openRepository(root, env)).tags();
  if (tags.length === 0 && input.settings.changelog === false) return [];
  const tagged = new Set(tags.map((tag) => tag.slice(0, Math.max(0, tag.lastIndexOf("@")))));
  const single = input.packages.length === 1 && tags.some((tag) => /^v\d+\.\d+\.\d+/.test(tag));
  return candidates.map(({ name }) => name).filter((name) => !tagged.has(name) && !single);
}
