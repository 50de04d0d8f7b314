import {
  bringPackageManager,
  callerPlatform,
  hasLockfile,
  installFrozen,
  isSameNodeLine,
  makeScratchCheckout,
  openRepository,
  pathWith,
  pinnedNode,
  quietManagers,
  takeUncommittedAlong,
  uncommittedChanges,
  type BroughtManager,
} from "@slipway/host";
import { UserError } from "@slipway/kernel";
import { join } from "node:path";
import { userCacheDir } from "../../wire/cache-dir.ts";
import { loadWorkspace } from "../../wire/load-workspace.ts";
import type { Phases } from "./phases.ts";
import type { RehearsalReport } from "./report.ts";
import type { RehearsalRequest } from "./request.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A checkout outside the repository, installed as CI would install it. */
export interface InstalledCheckout {
  /** Absolute: the workspace's root in the checkout, which may stand below git's top level. */
  readonly root: string;
  readonly gitRoot: string;
  readonly commit: string;
  readonly uncommitted: RehearsalReport["uncommitted"];
  readonly manager: BroughtManager;
  /** What every process of the rehearsal gets: the caller's environment, and the pinned manager first on PATH. */
  readonly env: Environment;
}

/**
 * @param scratch an empty folder of this rehearsal's own
 * @throws UserError when there is no commit, or the install fails
 */
export async function installedCheckout(
  request: RehearsalRequest,
  scratch: string,
  phases: Phases,
): Promise<InstalledCheckout> {
  const { root, workspace } = loadWorkspace(request.cwd);
  const gitRoot = join(scratch, "checkout");
  const source = await phases.run("checkout", async () => {
    const value = await checkOut(request, root, gitRoot);
    if (value.uncommitted.paths.length > 0) phases.note(uncommittedNote(value.uncommitted));
    return { value, summary: `commit ${value.commit.slice(0, 10)}` };
  });
  return phases.run("install", async () => {
    const checkoutRoot = join(gitRoot, source.below);
    const manager = await bringPackageManager(workspace.manager, checkoutRoot, managersDir(request));
    const env = { ...request.env, ...quietManagers, PATH: pathWith(manager.binDir, request.env["PATH"]) };
    if (hasLockfile(checkoutRoot)) {
      const onLine = phases.progressOf("install");
      await installFrozen(checkoutRoot, manager, { env, signal: request.signal, onLine });
    }
    noteOtherNode(checkoutRoot, env, phases);
    const value = { ...source, root: checkoutRoot, gitRoot, manager, env };
    return { value, summary: `${manager.name} ${manager.version}` };
  });
}

/** Builds run on the caller's Node, as they would by hand; another line of Node is the usual cause when one fails. */
function noteOtherNode(root: string, env: Environment, phases: Phases): void {
  const pinned = pinnedNode(root);
  const { node } = callerPlatform(env, root);
  if (pinned === null || node === null || isSameNodeLine(pinned.version, node)) return;
  phases.note(
    `this repository asks for Node ${pinned.version} (${pinned.file}); the node on your PATH is ${node}`,
  );
}

interface Source {
  readonly commit: string;
  readonly uncommitted: RehearsalReport["uncommitted"];
  /** Where the workspace stands below git's top level. */
  readonly below: string;
}

async function checkOut(request: RehearsalRequest, root: string, gitRoot: string): Promise<Source> {
  const repository = await openRepository(root, request.env);
  const commit = await repository.commitOf("HEAD");
  if (commit === null) {
    throw new UserError("git/unknown-ref", "this repository has no commit yet", {
      hint: "commit what you have: a rehearsal starts from a commit",
    });
  }
  const changes = await uncommittedChanges(root);
  const paths = [...changes.tracked, ...changes.untracked];
  const below = await makeScratchCheckout(root, commit, gitRoot);
  if (request.includeUncommitted && paths.length > 0) await takeUncommittedAlong(root, gitRoot);
  return { commit, uncommitted: { paths, taken: request.includeUncommitted }, below };
}

const UNCOMMITTED_NAMED_MAX = 5;

function uncommittedNote({ paths, taken }: RehearsalReport["uncommitted"]): string {
  const named = paths.slice(0, UNCOMMITTED_NAMED_MAX).join(", ");
  const more =
    paths.length > UNCOMMITTED_NAMED_MAX ? ` and ${paths.length - UNCOMMITTED_NAMED_MAX} more` : "";
  return taken
    ? `uncommitted changes were taken along: ${named}${more}`
    : `uncommitted changes were left out (--include-uncommitted takes them along): ${named}${more}`;
}

function managersDir(request: RehearsalRequest): string {
  return join(request.cacheDir ?? userCacheDir(request.env), "managers");
}
