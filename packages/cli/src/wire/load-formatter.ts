import { importFrom, resolveFrom } from "@slipway/host";
import type { ChangelogFormatter } from "@slipway/release";
import { dirname, join } from "node:path";
import type { LoadedVersioning } from "./load-versioning.ts";

/** What both majors of prettier that repositories have export. */
interface Prettier {
  format(text: string, options: object): string | Promise<string>;
  resolveConfig(file: string): Promise<object | null>;
  resolveConfigFile(file: string): Promise<string | null>;
}

/**
 * Formats a new changelog entry with the repository's prettier. Generation 2 always does so, with the one that
 * @changesets/cli brings if the repository has none of its own; generation 3 where the repository has a configuration
 * for it. Null: there is none.
 */
export async function loadFormatter({ root, input }: LoadedVersioning): Promise<ChangelogFormatter> {
  const { generation, settings } = input;
  if (settings.format === false || (generation === 3 && !["auto", "prettier"].includes(settings.format)))
    return null;
  const prettier = (await loaded(root)) ?? (generation === 2 ? await broughtByChangesets(root) : null);
  if (!prettier) return null;
  const file = join(root, "CHANGELOG.md");
  if (generation === 3 && settings.format === "auto" && (await prettier.resolveConfigFile(file)) === null)
    return null;
  return async (path, text) => {
    const filepath = join(root, path);
    const options = { ...(await prettier.resolveConfig(filepath)), filepath, parser: "markdown" };
    return prettier.format(text, options);
  };
}

async function loaded(dir: string): Promise<Prettier | null> {
  try {
    const module = (await importFrom(dir, "prettier")) as (Prettier & { readonly default?: Prettier }) | null;
    return module?.default ?? module;
  } catch {
    // A prettier that can't be loaded here formats nothing; Slipway's own form is what it would mostly give.
    return null;
  }
}

async function broughtByChangesets(root: string): Promise<Prettier | null> {
  let dir = root;
  for (const name of ["@changesets/cli", "@changesets/apply-release-plan"]) {
    const manifest = resolveFrom(dir, `${name}/package.json`);
    if (manifest === null) return null;
    dir = dirname(manifest);
  }
  return loaded(dir);
}
