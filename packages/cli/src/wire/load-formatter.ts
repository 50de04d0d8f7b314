import { ForeignModule, prettierModule, resolveFrom, type PrettierWord } from "@slipway/host";
import { UserError } from "@slipway/kernel";
import type { ChangelogFormatter } from "@slipway/release";
import { dirname, join } from "node:path";
import { answerMsOf } from "./foreign-module.ts";
import type { LoadedVersioning } from "./load-versioning.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Formats a new changelog entry with the repository's prettier, in a process of its own. Generation 2 always does so, with
 * the one that @changesets/cli brings if the repository has none of its own; generation 3 where the repository has a
 * configuration for it. Null: there is none.
 *
 * @throws UserError `version/changelog-failed`, the formatter too
 */
export async function loadFormatter(
  versioning: LoadedVersioning,
  env: Environment,
): Promise<ChangelogFormatter> {
  const { root, input } = versioning;
  const { generation, settings } = input;
  if (settings.format === false || (generation === 3 && !["auto", "prettier"].includes(settings.format)))
    return null;
  const entry = resolveFrom(root, "prettier") ?? (generation === 2 ? broughtByChangesets(root) : null);
  if (entry === null) return null;
  const module = await ForeignModule.load(prettierModule, {
    cwd: root,
    env,
    answerMs: answerMsOf(versioning),
  });
  const called = async (name: PrettierWord, ...given: readonly string[]): Promise<string | null> => {
    try {
      return (await module.call(name, given)).text;
    } catch (cause) {
      throw failed(cause);
    }
  };
  // A prettier that can't be loaded here formats nothing; Slipway's own form is what it would mostly give.
  if (!(await called("use", entry))) return null;
  const isConfigured = async (): Promise<boolean> =>
    (await called("configuration", join(root, "CHANGELOG.md"))) !== null;
  if (generation === 3 && settings.format === "auto" && !(await isConfigured())) return null;
  return async (path, text) => (await called("formatMarkdown", join(root, path), text)) ?? text;
}

function failed(cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError("version/changelog-failed", `the repository's prettier failed: ${reason}`, {
    hint: 'no file was changed; correct its configuration, or set "format" (in Changesets 2 "prettier") in .changeset/config.json to false',
    cause,
  });
}

function broughtByChangesets(root: string): string | null {
  let dir = root;
  for (const name of ["@changesets/cli", "@changesets/apply-release-plan"]) {
    const manifest = resolveFrom(dir, `${name}/package.json`);
    if (manifest === null) return null;
    dir = dirname(manifest);
  }
  return resolveFrom(dir, "prettier");
}
