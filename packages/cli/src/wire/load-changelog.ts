import { importFrom } from "@slipway/host";
import { UserError, type Problem } from "@slipway/kernel";
import type { DependencyNote } from "@slipway/plan";
import { builtInChangelog, type ChangelogGenerator, type Rendering } from "@slipway/release";
import { join } from "node:path";
import { inTime, unwrapped } from "./foreign-module.ts";
import { loadFormatter } from "./load-formatter.ts";
import type { LoadedVersioning } from "./load-versioning.ts";

const BUILT_IN = new Set(["@changesets/cli/changelog", "@changesets/changelog-git"]);

/** What a generator's module exports. Source: ChangelogFunctions in @changesets/types. */
interface ChangelogModule {
  getReleaseLine(changeset: unknown, type: string, options: unknown): unknown;
  getDependencyReleaseLine(changesets: unknown, dependencies: unknown, options: unknown): unknown;
}

export interface ChangelogOptions {
  /** `built-in`: what can't be loaded or fails is replaced by the built-in generator, with a warning. */
  readonly whenChangelogFails?: "throw" | "built-in";
  readonly warn: (problem: Problem) => void;
}

/**
 * The generator that the configuration names, loaded from `.changeset` as Changesets does.
 *
 * @throws UserError `version/changelog-failed`
 */
export async function loadChangelog(
  versioning: LoadedVersioning,
  { whenChangelogFails, warn }: ChangelogOptions,
): Promise<Rendering["changelog"]> {
  const { changelog } = versioning.input.settings;
  if (changelog === false) return null;
  const [module, moduleOptions] = changelog;
  const tidied = versioning.input.settings.format !== false;
  const formatter = await loadFormatter(versioning);
  const builtIn = { generator: builtInChangelog, formatter, tidied };
  if (BUILT_IN.has(module)) return builtIn;
  const fallBack = whenChangelogFails === "built-in";
  const generator = await loadModule(versioning, module, moduleOptions).catch((error: unknown) => {
    if (!fallBack || !(error instanceof UserError)) throw error;
    warn(replaced(error));
    return null;
  });
  if (generator === null) return builtIn;
  const guarded = guard(generator, module, fallBack ? (error) => warn(replaced(error)) : null);
  return { generator: guarded, formatter, tidied };
}

function replaced({ message }: UserError): Problem {
  const hint =
    "`slipway version` itself stops there: it writes no other changelog than the one that is asked for";
  return { code: "version/changelog-failed", message: `${message}; the built-in one stands in for it`, hint };
}

async function loadModule(
  versioning: LoadedVersioning,
  module: string,
  options: unknown,
): Promise<ChangelogGenerator> {
  const folder = join(versioning.root, ".changeset");
  let loaded: unknown;
  try {
    loaded = await importFrom(folder, module);
  } catch (cause) {
    throw failed(module, cause);
  }
  if (loaded === null) {
    const hint = "install the repository's dependencies, or correct `changelog` in .changeset/config.json";
    throw new UserError("version/changelog-failed", `the changelog generator "${module}" is not there`, {
      hint,
    });
  }
  const functions = unwrapped(loaded);
  if (!isChangelogModule(functions)) {
    throw new UserError(
      "version/changelog-failed",
      `the changelog generator "${module}" does not export getReleaseLine and getDependencyReleaseLine`,
    );
  }
  const manifests = new Map(versioning.input.packages.map((each) => [each.name, each.manifest]));
  const whole = (each: DependencyNote) => ({
    ...each,
    dir: join(versioning.root, each.dir),
    packageJson: manifests.get(each.name),
  });
  return {
    releaseLine: async (changeset, type) => lineOf(await functions.getReleaseLine(changeset, type, options)),
    dependencyLine: async (changesets, dependencies) =>
      lineOf(await functions.getDependencyReleaseLine(changesets, dependencies.map(whole), options)),
  };
}

/** Nothing to say may be null, undefined or the empty string. */
function lineOf(answer: unknown): string {
  if (answer === null || answer === undefined) return "";
  if (typeof answer === "string") return answer;
  throw new TypeError(`it gave ${typeof answer} instead of a string`);
}

function isChangelogModule(value: unknown): value is ChangelogModule {
  const functions = value as Partial<ChangelogModule> | null;
  return (
    typeof functions?.getReleaseLine === "function" &&
    typeof functions.getDependencyReleaseLine === "function"
  );
}

/** A generator is the repository's code: it may throw, hang or give no string. */
function guard(
  generator: ChangelogGenerator,
  module: string,
  instead: ((error: UserError) => void) | null,
): ChangelogGenerator {
  let given = false;
  const guarded = async (line: () => Promise<string>, fallback: () => Promise<string>): Promise<string> => {
    if (given) return fallback();
    try {
      return await inTime(line(), module);
    } catch (cause) {
      if (instead === null) throw failed(module, cause);
      if (!given) instead(failed(module, cause));
      given = true;
      return fallback();
    }
  };
  return {
    releaseLine: (changeset, type) =>
      guarded(
        () => generator.releaseLine(changeset, type),
        () => builtInChangelog.releaseLine(changeset, type),
      ),
    dependencyLine: (changesets, dependencies) =>
      guarded(
        () => generator.dependencyLine(changesets, dependencies),
        () => builtInChangelog.dependencyLine(changesets, dependencies),
      ),
  };
}

function failed(module: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError("version/changelog-failed", `the changelog generator "${module}" failed: ${reason}`, {
    hint: "no file was changed; `slipway status` shows the versions without it, and `changelog` in .changeset/config.json can name another one, or be false",
    cause,
  });
}
