import { matchesGlob } from "node:path";
import type { Facts, Planned } from "./facts.ts";

export interface Compared {
  readonly tasks: number;
  readonly same: number;
  /** The same but for tracked files that the task's own outputs match: turbo takes them for inputs. */
  readonly tracked: number;
  readonly refused: number;
  /** 1: turbo refuses a root script that calls turbo. */
  readonly recursive: number;
  readonly differences: readonly string[];
}

const nothing: Compared = { tasks: 0, same: 0, tracked: 0, refused: 0, recursive: 0, differences: [] };

/** The plan of one name, as both see it. */
export function compare(
  task: string,
  { ours, theirs }: { readonly ours: Planned; readonly theirs: Planned },
): Compared {
  if ("fails" in ours && "fails" in theirs) return { ...nothing, refused: 1 };
  if ("fails" in theirs) {
    if (theirs.fails.includes("recursive_turbo_invocations")) return { ...nothing, recursive: 1 };
    return { ...nothing, differences: [`${task}: only turbo refuses: ${shortened(theirs.fails)}`] };
  }
  if ("fails" in ours) return { ...nothing, differences: [`${task}: only Slipway refuses: ${ours.fails}`] };
  const ids = [...new Set([...ours.keys(), ...theirs.keys()])].toSorted();
  const found = ids.map((id) => differencesOf(ours.get(id), theirs.get(id)));
  const differences = ids.flatMap((id, at) => (found[at] ?? []).map((each) => `${id} ${each}`));
  const tracked = found.filter((each) => each === onlyTracked).length;
  return {
    ...nothing,
    tasks: ids.length,
    same: found.filter((each) => each.length === 0).length - tracked,
    tracked,
    differences,
  };
}

const onlyTracked: readonly string[] = [];

function differencesOf(ours: Facts | undefined, theirs: Facts | undefined): readonly string[] {
  if (!ours || !theirs) return [`only for ${ours ? "Slipway" : "turbo"}`];
  const fields = Object.keys(theirs).filter(
    (field) => JSON.stringify(ours[field]) !== JSON.stringify(theirs[field]),
  );
  const others = fields.filter((field) => field !== "inputs");
  if (others.length === 0 && fields.length > 0 && hasOnlyOutputsMore(ours, theirs)) return onlyTracked;
  return fields.map((field) => `${field}: ${missing(ours[field], theirs[field])}`);
}

/** `tracked-outputs`: turbo adds files of git that a task's outputs match. */
function hasOnlyOutputsMore(ours: Facts, theirs: Facts): boolean {
  const [mine, more] = [list(ours["inputs"]), list(theirs["inputs"])];
  // The globs are relative to the package, the paths to the root.
  const globs = list(theirs["outputs"]).map((glob) => `**/${glob}`);
  const added = more.filter((path) => !mine.includes(path));
  return (
    mine.every((path) => more.includes(path)) &&
    added.every((path) => globs.some((glob) => matchesGlob(path, glob)))
  );
}

function missing(ours: unknown, theirs: unknown): string {
  if (!Array.isArray(ours) || !Array.isArray(theirs))
    return `${JSON.stringify(ours)}, ${JSON.stringify(theirs)}`;
  const [mine, more] = [list(ours), list(theirs)];
  const only = mine.filter((one) => !more.includes(one)).slice(0, 5);
  const lost = more.filter((one) => !mine.includes(one)).slice(0, 5);
  return `only Slipway [${only.join(", ")}], only turbo [${lost.join(", ")}]`;
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function shortened(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, 300);
}
