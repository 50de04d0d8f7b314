// Loaded like a module of the repository, in a process that can be ended (ForeignModule): it formats with the repository's
// prettier, whose configuration and plugins are the repository's code. It imports nothing of the house.
import { pathToFileURL } from "node:url";

/** What both majors of prettier that repositories have export. */
interface Prettier {
  format(text: string, options: object): string | Promise<string>;
  resolveConfig(file: string): Promise<object | null>;
  resolveConfigFile(file: string): Promise<string | null>;
}

let prettier: Prettier | undefined;

/** @returns "" when this prettier can't be loaded by this Node */
export async function use(entry: string): Promise<string> {
  try {
    const loaded = (await import(pathToFileURL(entry).href)) as Prettier & { readonly default?: Prettier };
    prettier = loaded.default ?? loaded;
    return "loaded";
  } catch {
    return "";
  }
}

/** The configuration that holds for a file; null: none. */
export async function configuration(file: string): Promise<string | null> {
  return (await prettier?.resolveConfigFile(file)) ?? null;
}

export async function formatMarkdown(filepath: string, text: string): Promise<string> {
  if (prettier === undefined) throw new Error("prettier is not loaded");
  const options = { ...(await prettier.resolveConfig(filepath)), filepath, parser: "markdown" };
  return prettier.format(text, options);
}
