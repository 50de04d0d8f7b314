import type { RelativePath } from "@slipway/kernel";

/**
 * Dotenv files that nx loads for a task where they exist, root-relative: the first definition of a name wins, the
 * caller's environment beats them all. They count for the task: their variables reach it.
 * Source: nx 24, tasks-runner/task-env-paths.
 */
export function nxDotenvFiles(
  dir: RelativePath,
  target: string,
  configuration: string | null,
): readonly RelativePath[] {
  const specific = configuration === null ? [] : [`${target}.${configuration}`, configuration];
  const names = [...specific, target].flatMap((id) => [
    `.env.${id}.local`,
    `.env.${id}`,
    `.${id}.local.env`,
    `.${id}.env`,
  ]);
  const all = [...names, ".env.local", ".local.env", ".env"];
  return dir === "" ? all : [...all.map((name) => `${dir}/${name}`), ...all];
}
