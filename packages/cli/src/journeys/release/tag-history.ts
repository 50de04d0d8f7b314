import { isRecord } from "@slipway/kernel";
import { parseRecords } from "@slipway/ledger";
import type { TagMove, TagPlan } from "@slipway/plan";
import { join } from "node:path";
import type { ReleaseGround } from "./ground.ts";
import { textOf } from "./journal-progress.ts";

/** What was begun on this machine with the dist-tags of a release after it had ended. */
export interface TagChange {
  readonly action: TagPlan["action"];
  readonly atMs: number;
  readonly moves: readonly TagMove[];
}

/** All of them, oldest first. */
export async function tagHistory({ home }: ReleaseGround, release: string): Promise<readonly TagChange[]> {
  const file = join(home.folderOf(release), "changes.jsonl");
  return parseRecords((await textOf(file)) ?? "", file).records.flatMap(({ type, payload }) => {
    if (type !== "planned" || !isRecord(payload)) return [];
    const { action, at, moves } = payload as { action?: unknown; at?: unknown; moves?: unknown };
    return [
      {
        action: action as TagPlan["action"],
        atMs: Date.parse(typeof at === "string" ? at : ""),
        moves: (moves ?? []) as readonly TagMove[],
      },
    ];
  });
}

export async function promotionsOf(ground: ReleaseGround, release: string): Promise<readonly TagChange[]> {
  return (await tagHistory(ground, release)).filter(({ action }) => action === "promote");
}
