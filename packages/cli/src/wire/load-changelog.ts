import { importFrom } from "@slipway/host";
import { isRecord, UserError } from "@slipway/kernel";
import type { DependencyNote } from "@slipway/plan";
import { builtInChangelog, type ChangelogGenerator, type Rendering } from "@slipway/release";
import { join } from "node:path";
import { loadFormatter } from "./load-formatter.ts";
import type { LoadedVersioning } from "./load-versioning.ts";

const BUILT_IN = new Set(["@changesets/cli/changelog", "@changesets/changelog-git"]);

/** What a generator's module exports. Source: ChangelogFunctions in @changesets/types. */
interface ChangelogModule {
  getReleaseLine(changeset: unknown, type: string, options: unknown): unknown;
  getDependencyReleaseLine(changesets: unknown, dependencies: unknown, options: unknown): unknown;
}

/**
 * The generator that the configuration names, loaded from `.changeset` as Changesets does.
 *
 * @throws UserError `version/changelog-failed`
 */
export async function loadChangelog(
  versioning: LoadedVersioning,
  options: { readonly whenChangelogFails?: "throw" | "built-in" },
): Promise<Rendering["changelog"]> {
  const { changelog } = versioning.input.settings;
  if (changelog === false) return null;
  const [module, moduleOptions] = changelog;
  const tidied = versioning.input.settings.format !== false;
  const formatter = await loadFormatter(versioning);
  const builtIn = { generator: builtInChangelog, formatter, tidied };
  if (BUILT_IN.has(module)) return builtIn;
  const generator = await loadModule(versioning, module, moduleOptions);
  if (generator === null && options.whenChangelogFails !== "built-in") {
    const hint = "install the repository's dependencies, or correct `changelog` in .changeset/config.json";
    throw new UserError("version/changelog-failed", `the changelog generator "${module}" is not there`, {
      hint,
    });
  }
  if (generator === null) return builtIn;
  const guarded = guard(generator, module, options.whenChangelogFails === "built-in");
  return { generator: guarded, formatter, tidied };
}

async function loadModule(
  versioning: LoadedVersioning,
  module: string,
  options: unknown,
): Promise<ChangelogGenerator | null> {
  const folder = join(versioning.root, ".changeset");
  let loaded: unknown;
  try {
    loaded = await importFrom(folder, module);
  } catch (cause) {
    throw failed(module, cause);
  }
  if (loaded === null) return null;
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

/** A CommonJS module with a default export comes wrapped twice. */
function unwrapped(loaded: unknown): unknown {
  let value = loaded;
  for (let depth = 0; depth < 2; depth++) {
    const inner =
      isRecord(value) || typeof value === "object" ? (value as { default?: unknown }).default : null;
    if (inner) value = inner;
  }
  return value;
}

function isChangelogModule(value: unknown): value is ChangelogModule {
  const functions = value as Partial<ChangelogModule> | null;
  return (
    typeof functions?.getReleaseLine === "function" &&
    typeof functions.getDependencyReleaseLine === "function"
  );
}

const GENERATOR_TIMEOUT_MS = 120_000;

/** A generator is the repository's code: it may throw, hang or give no string. */
function guard(generator: ChangelogGenerator, module: string, fallBack: boolean): ChangelogGenerator {
  const guarded = async (line: Promise<string>, fallback: () => Promise<string>): Promise<string> => {
    try {
      return await inTime(line, module);
    } catch (cause) {
      if (fallBack) return fallback();
      throw failed(module, cause);
    }
  };
  return {
    releaseLine: (changeset, type) =>
      guarded(generator.releaseLine(changeset, type), () => builtInChangelog.releaseLine(changeset, type)),
    dependencyLine: (changesets, dependencies) =>
      guarded(generator.dependencyLine(changesets, dependencies), () =>
        builtInChangelog.dependencyLine(changesets, dependencies),
      ),
  };
}

async function inTime(line: Promise<string>, module: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `"${module}" gave no answer within ${GENERATOR_TIMEOUT_MS / 1000} s`;
    timer = setTimeout(() => reject(new Error(message)), GENERATOR_TIMEOUT_MS);
  });
  try {
    return await Promise.race([line, late]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(module: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError("version/changelog-failed", `the changelog generator "${module}" failed: ${reason}`, {
    hint: "no file was changed; `slipway status` shows the versions without it, and `changelog` in .changeset/config.json can name another one, or be false",
    cause,
  });
}
