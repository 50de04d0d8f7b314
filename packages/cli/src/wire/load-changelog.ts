import type { ForeignAnswer } from "@slipway/host";
import { UserError, type Problem } from "@slipway/kernel";
import type { DependencyNote } from "@slipway/plan";
import {
  builtInChangelog,
  type ChangelogFormatter,
  type ChangelogGenerator,
  type CommittedChangeset,
  type Rendering,
} from "@slipway/release";
import { join } from "node:path";
import { loadForeignModule } from "./foreign-module.ts";
import { loadFormatter } from "./load-formatter.ts";
import type { LoadedVersioning } from "./load-versioning.ts";

const BUILT_IN = new Set(["@changesets/cli/changelog", "@changesets/changelog-git"]);

type Environment = Readonly<Record<string, string | undefined>>;

export interface ChangelogOptions {
  /** What a generator of the repository sees. */
  readonly env: Environment;
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
  { env, whenChangelogFails, warn }: ChangelogOptions,
): Promise<Rendering["changelog"]> {
  const { changelog } = versioning.input.settings;
  if (changelog === false) return null;
  const [module, options] = changelog;
  const tidied = versioning.input.settings.format !== false;
  const fallBack = whenChangelogFails === "built-in";
  const formatter = await (fallBack
    ? forgivingFormatter(versioning, { env, warn })
    : loadFormatter(versioning, env));
  const builtIn = { generator: builtInChangelog, formatter, tidied };
  if (BUILT_IN.has(module)) return builtIn;
  const generator = await loadModule(versioning, module, { options, env }).catch((error: unknown) => {
    if (!fallBack || !(error instanceof UserError)) throw error;
    warn(replaced(error));
    return null;
  });
  if (generator === null) return builtIn;
  const guarded = guard(generator, module, fallBack ? (error) => warn(replaced(error)) : null);
  return { generator: guarded, formatter, tidied };
}

/** One that fails leaves entries as they come, with a warning. */
async function forgivingFormatter(
  versioning: LoadedVersioning,
  { env, warn }: Pick<ChangelogOptions, "env" | "warn">,
): Promise<ChangelogFormatter> {
  let isBroken = false;
  const forgiven = async <T>(work: Promise<T>, instead: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (!isBroken)
        warn({ code: error.code, message: error.message, ...(error.hint ? { hint: error.hint } : {}) });
      isBroken = true;
      return instead;
    }
  };
  const formatter = await forgiven(loadFormatter(versioning, env), null);
  return formatter && (async (path, text) => (isBroken ? text : forgiven(formatter(path, text), text)));
}

function replaced({ message }: UserError): Problem {
  const hint =
    "`slipway version` itself stops there: it writes no other changelog than the one that is asked for";
  return { code: "version/changelog-failed", message: `${message}; the built-in one stands in for it`, hint };
}

async function loadModule(
  versioning: LoadedVersioning,
  module: string,
  { options, env }: { readonly options: unknown; readonly env: Environment },
): Promise<ChangelogGenerator> {
  const loaded = await loadForeignModule(versioning, module, env).catch((cause: unknown) => {
    throw failed(module, cause);
  });
  if (loaded === null) {
    const hint = "install the repository's dependencies, or correct `changelog` in .changeset/config.json";
    throw new UserError("version/changelog-failed", `the changelog generator "${module}" is not there`, {
      hint,
    });
  }
  if (!loaded.has("getReleaseLine") || !loaded.has("getDependencyReleaseLine")) {
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
    releaseLine: async (changeset, type) =>
      lineOf(await loaded.call("getReleaseLine", [changeset, type, options])),
    dependencyLine: async (changesets, dependencies) =>
      lineOf(await loaded.call("getDependencyReleaseLine", [changesets, dependencies.map(whole), options])),
  };
}

/** Nothing to say may be null, undefined or the empty string. */
function lineOf({ type, text }: ForeignAnswer): string {
  if (text !== null) return text;
  if (type === "null" || type === "undefined") return "";
  throw new TypeError(`it gave ${type} instead of a string`);
}

/** A generator is the repository's code: it may throw, hang or give no string. */
function guard(
  generator: ChangelogGenerator,
  module: string,
  instead: ((error: UserError) => void) | null,
): ChangelogGenerator {
  let given = false;
  const guarded = async (calls: GuardedCalls): Promise<string> => {
    if (given) return calls.builtIn();
    try {
      return await calls.line();
    } catch (cause) {
      const error = failed(module, cause, calls.changesets);
      if (instead === null) throw error;
      if (!given) instead(error);
      given = true;
      return calls.builtIn();
    }
  };
  return {
    releaseLine: (changeset, type) =>
      guarded({
        changesets: [changeset],
        line: () => generator.releaseLine(changeset, type),
        builtIn: () => builtInChangelog.releaseLine(changeset, type),
      }),
    dependencyLine: (changesets, dependencies) =>
      guarded({
        changesets,
        line: () => generator.dependencyLine(changesets, dependencies),
        builtIn: () => builtInChangelog.dependencyLine(changesets, dependencies),
      }),
  };
}

interface GuardedCalls {
  readonly changesets: readonly CommittedChangeset[];
  line(): Promise<string>;
  builtIn(): Promise<string>;
}

function failed(module: string, cause: unknown, changesets: readonly CommittedChangeset[] = []): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const [first, ...others] = changesets.map(({ id }) => `.changeset/${id}.md`);
  const and = others.length > 0 ? ` and ${others.length} more` : "";
  const at = first === undefined ? "" : ` for ${first}${and}`;
  return new UserError(
    "version/changelog-failed",
    `the changelog generator "${module}" failed${at}: ${reason}`,
    {
      hint: "no file was changed; `slipway status` shows the versions without it, and `changelog` in .changeset/config.json can name another one, or be false",
      cause,
    },
  );
}
