import { UserError } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import { selfStarting } from "@slipway/run";

/** @throws UserError when a run that a task's script started would start that task again, and so on without end. */
export function refuseSelfStart(
  tasks: readonly PlannedTask[],
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const problems = selfStarting(tasks, root, env).map(({ id, package: owner, task, dir, command }) => ({
    code: "task/starts-itself" as const,
    message: `${id} would start itself without end: its script \`${command ?? task}\` asks for it again.`,
    hint:
      dir === ""
        ? `Leave the root out there (--filter '!//'), or do not declare "//#${task}".`
        : `Leave the package out there (--filter '!${owner}'), or ask for another task.`,
  }));
  if (problems.length > 0) throw UserError.of(problems);
}
