import type { ForeignModule } from "@slipway/host";
import { UserError } from "@slipway/kernel";
import type { Changeset, VersionDecision } from "@slipway/plan";
import { loadForeignModule } from "./foreign-module.ts";
import type { LoadedVersioning } from "./load-versioning.ts";

/** What a commit generator words messages from. Source: CommitFunctions and ReleasePlan in @changesets/types. */
export interface CommittedVersions {
  readonly changesets: readonly Changeset[];
  readonly releases: VersionDecision["releases"];
  readonly preState: VersionDecision["preState"] | undefined;
}

export interface CommitMessages {
  /** Null: the generator words none, so nothing is committed. */
  forVersions(versions: CommittedVersions): Promise<string | null>;
  forChangeset(changeset: Omit<Changeset, "lines">): Promise<string | null>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const BUILT_IN = "@changesets/cli/commit";

/**
 * The generator that `commit` in the configuration names; null: it asks for no commits.
 *
 * @throws UserError `version/commit-failed`
 */
export async function loadCommitMessages(
  versioning: LoadedVersioning,
  env: Environment,
): Promise<CommitMessages | null> {
  const { commit } = versioning.input.settings;
  if (commit === false) return null;
  const [module, options] = commit;
  if (module === BUILT_IN) return builtIn(options?.["skipCI"]);
  const functions = await loaded(versioning, module, env);
  const call = async (name: string, given: unknown): Promise<string | null> => {
    try {
      return functions.has(name) ? (await functions.call(name, [given, options])).text : null;
    } catch (cause) {
      throw failed(module, cause);
    }
  };
  return {
    forVersions: (versions) => call("getVersionMessage", versions),
    forChangeset: (changeset) => call("getAddMessage", changeset),
  };
}

/** The words of `@changesets/cli/commit`. */
function builtIn(skipCi: unknown): CommitMessages {
  return {
    forVersions: async ({ releases }) => {
      const released = releases.filter(({ type }) => type !== "none");
      const lines = released.map(({ name, newVersion }) => `  ${name}@${newVersion}`).join("\n");
      const skip = skipCi === "version" || skipCi === true ? "\n[skip ci]\n" : "";
      return `RELEASING: Releasing ${released.length} package(s)\n\nReleases:\n${lines}\n${skip}`;
    },
    forChangeset: async ({ summary }) => {
      const skip = skipCi === "add" || skipCi === true ? "\n\n[skip ci]\n" : "";
      return `docs(changeset): ${summary}${skip}`;
    },
  };
}

async function loaded(
  versioning: LoadedVersioning,
  module: string,
  env: Environment,
): Promise<ForeignModule> {
  const functions = await loadForeignModule(versioning, module, env).catch((cause: unknown) => {
    throw failed(module, cause);
  });
  if (functions === null) throw failed(module, new Error("it is not there"));
  return functions;
}

function failed(module: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError("version/commit-failed", `the commit generator "${module}" failed: ${reason}`, {
    hint: "what was to be committed stands in the work tree: commit it by hand, or correct `commit` in .changeset/config.json",
    cause,
  });
}
