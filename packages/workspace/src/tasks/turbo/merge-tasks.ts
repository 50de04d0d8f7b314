import type { TurboTask } from "./turbo-file.ts";

/** The first element of a list that adds to the inherited one instead of replacing it. */
const extendsToken = "$TURBO_EXTENDS$";

const lists = ["dependsOn", "with", "inputs", "outputs", "env", "passThroughEnv", "tags"] as const;

/**
 * Merges a task's declarations, the farthest first: single values are inherited, lists replace unless they begin with
 * the token. `extends: false` starts afresh, and alone takes the task away.
 *
 * @returns null when the package does not have the task
 */
export function mergeTasks(chain: readonly TurboTask[]): TurboTask | null {
  const [only] = chain;
  // Most packages inherit all of a task from the root: one value stands for them all.
  if (chain.length === 1 && only && only.fields.extends !== false) return only;
  let merged: TurboTask | null = null;
  for (const next of chain) {
    if (next.fields.extends === false) {
      merged = Object.keys(next.fields).length > 1 ? mergePair({ fields: {}, sources: {} }, next) : null;
    } else merged = mergePair(merged ?? { fields: {}, sources: {} }, next);
  }
  return merged;
}

function mergePair(base: TurboTask, next: TurboTask): TurboTask {
  const fields: Record<string, unknown> = { ...base.fields, ...next.fields };
  const sources: Record<string, string> = { ...base.sources, ...next.sources };
  for (const key of lists) {
    const own = next.fields[key];
    if (own?.[0] !== extendsToken) continue;
    fields[key] = [...(base.fields[key] ?? []), ...own.slice(1)];
    if (base.sources[key]) sources[key] = `${base.sources[key]}, ${next.sources[key]}`;
  }
  return { fields, sources };
}
