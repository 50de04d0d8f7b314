import type { Problem, TaskId } from "@slipway/kernel";
import { isMemory } from "./compiler-memory.ts";
import type { TaskNode } from "./walk-tasks.ts";

/**
 * Cached tasks of one package that declare the same place as their outputs. Peers allow it, so it is a warning; but what
 * one of them made lies among the outputs of the other, and nobody can tell whose a file is.
 *
 * @returns one warning for each pair of task names, however many packages have it
 */
export function sharedOutputs(nodes: ReadonlyMap<TaskId, TaskNode>): Problem[] {
  const makers = new Map<string, TaskNode[]>();
  for (const node of nodes.values()) {
    if (!node.rule?.action || !node.rule.cache || node.rule.persistent) continue;
    const own = makers.get(node.package);
    if (own) own.push(node);
    else makers.set(node.package, [node]);
  }
  const pairs = new Map<string, { readonly first: Shared; count: number }>();
  for (const own of makers.values()) {
    for (const [at, one] of own.entries()) {
      for (const other of own.slice(at + 1)) {
        const shared = sharedBy(one, other);
        if (!shared) continue;
        const key = [one.task, other.task].toSorted().join("\0");
        const known = pairs.get(key);
        if (known) known.count++;
        else pairs.set(key, { first: shared, count: 1 });
      }
    }
  }
  return [...pairs.values()].map(({ first, count }) => warning(first, count));
}

interface Shared {
  readonly one: TaskNode;
  readonly other: TaskNode;
  readonly glob: string;
}

function sharedBy(one: TaskNode, other: TaskNode): Shared | null {
  const theirs = other.rule?.outputs.include ?? [];
  const both = (one.rule?.outputs.include ?? []).flatMap((each) =>
    theirs.flatMap((its) => narrower(each, its) ?? []),
  );
  // `x` stands beside `x/**`, since it may be a folder.
  const glob = both.find((each) => !isMemory(each.replace(/\/\*\*$/, "")));
  // What one of them leaves out may be just the other's part.
  const excludes = [...(one.rule?.outputs.exclude ?? []), ...(other.rule?.outputs.exclude ?? [])];
  return glob === undefined || excludes.length > 0 ? null : { one, other, glob };
}

/** Sure only where both say it plainly: the same place, or one within a directory of which the other takes everything. */
function narrower(one: string, other: string): string | null {
  if (one === other || isWithin(one, other)) return one;
  return isWithin(other, one) ? other : null;
}

function isWithin(glob: string, all: string): boolean {
  const dir = /^([^*?[\]{}()!]+\/)\*\*(?:\/\*)?$/.exec(all)?.[1];
  return dir !== undefined && glob.startsWith(dir);
}

function warning({ one, other, glob }: Shared, count: number): Problem {
  const places = [one, other].map(({ id, rule }) => {
    const place = rule?.sources["outputs"];
    return place === undefined ? id : `${id} (${place})`;
  });
  const more = count > 1 ? `; so in ${count - 1} more ${count === 2 ? "package" : "packages"}` : "";
  return {
    code: "task/outputs-shared",
    message: `${places.join(" and ")} both declare ${glob} as their outputs${more}: they do not run side by side; that both write one file is an error where neither depends on the other.`,
    hint: "Give each task a folder of its own, or name only the files that it writes.",
  };
}
