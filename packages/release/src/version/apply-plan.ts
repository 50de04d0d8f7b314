import { UserError, type Problem } from "@slipway/kernel";
import type { FileEdit } from "@slipway/plan";
import type { FrozenPlan, KeptPlan, RepositoryFiles } from "./ports.ts";

const WRITERS = 16;

/**
 * Writes a plan's files. Each must be as it was when the plan was made, or already as it will be; otherwise nothing is
 * written. The plan is kept until the last file is in place and what follows from it is done, so that {@link completePlan} can take over after a crash.
 *
 * @throws UserError `version/changed-meanwhile` with every file that is neither
 */
export async function applyPlan(plan: KeptPlan, files: RepositoryFiles, frozen: FrozenPlan): Promise<void> {
  const waiting = await unwritten(plan.edits, files);
  if (waiting.length > 0) {
    await frozen.keep(plan);
    await inParallel(waiting, async ({ path, after }) => {
      if (after === null) await files.remove(path);
      else await files.replace(path, after);
    });
    await files.settle();
  }
  try {
    await frozen.whenWritten?.(plan);
  } catch (error) {
    if (!isForLater(error)) await frozen.discard();
    throw error;
  }
  await frozen.discard();
}

/** What passes by itself: the next run does what follows. All else is the user's to settle, by hand. */
function isForLater(error: unknown): boolean {
  return error instanceof UserError && error.code === "git/locked";
}

/** Completes the plan of a run that was cut off; null when there is none. */
export async function completePlan(files: RepositoryFiles, frozen: FrozenPlan): Promise<KeptPlan | null> {
  const plan = await frozen.read();
  if (!plan) return null;
  await applyPlan(plan, files, frozen);
  return plan;
}

/** Disks take many syncs at once as fast as one. After the first failure nothing more is begun, and what was begun is waited for. */
async function inParallel(
  edits: readonly FileEdit[],
  write: (edit: FileEdit) => Promise<void>,
): Promise<void> {
  const queue = [...edits];
  const writer = async (): Promise<void> => {
    for (let edit = queue.shift(); edit !== undefined; edit = queue.shift()) {
      try {
        await write(edit);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: WRITERS }, writer));
  const failure = ends.find((end) => end.status === "rejected");
  if (failure) throw failure.reason;
}

async function unwritten(edits: readonly FileEdit[], files: RepositoryFiles): Promise<FileEdit[]> {
  const waiting: FileEdit[] = [];
  const problems: Problem[] = [];
  for (const edit of edits) {
    const now = await files.read(edit.path);
    if (now === edit.after) continue;
    if (now === edit.before) waiting.push(edit);
    else {
      problems.push({
        code: "version/changed-meanwhile",
        message: "the file is neither as it was when the versions were planned nor as they would make it",
        file: edit.path,
        hint: "take the change back, or `slipway version --discard` to forget the unfinished plan and plan anew",
      });
    }
  }
  if (problems.length > 0) throw UserError.of(problems);
  return waiting;
}
