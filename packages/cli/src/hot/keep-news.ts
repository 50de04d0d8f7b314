import { collectListing, HotEdit, writeHotFile, writeHotSince } from "@slipway/host";
import type { LogPiece } from "@slipway/run";
import { dotenvHolds } from "./dotenv-holds.ts";
import { keptLogs, type KeptTask } from "./find-hot-run.ts";
import type { KnownRun } from "./open-known-run.ts";
import { factsOf, hotTask, isSure, keptTask, logCharsMax, type RanHot, type Seen } from "./ran-hot.ts";

/** Of all rows of a state: with more than that beside it, it is written whole again. */
const sinceShareMax = 1 / 10;
const sinceRowsMin = 20;

/**
 * Keeps what a run found that went on from a known one, as far as it is another now. What this run did not look at keeps
 * its old numbers, so that the next look finds what happened to it meanwhile.
 */
export function keepNews(path: string, ran: RanHot, before: KnownRun): void {
  const { hot, more } = before;
  const { state, dirt } = hot;
  const looked = ran.plan.tasks.flatMap((task, at) => {
    const known = ran.looked.get(task.id);
    return known ? [{ at, task, known }] : [];
  });
  if (!looked.every(isSure)) return;
  const edit = new HotEdit(state, more, { tree: ran.tree, dirt });
  for (const { at, ...one } of looked) edit.look(at, hotTask(one));
  for (const [at, { id }] of ran.plan.tasks.entries()) {
    const outputs = ran.restored.get(id);
    if (outputs) edit.restored(at, outputs);
  }
  edit.end(ran.startedMs);
  const plan = { source: ran.plan.source, tasks: looked.map(({ task }) => task) };
  if (!dotenvHolds(plan, ran, (id) => ran.looked.get(id)?.seen.marks)) return;
  const news = newsOf(looked);
  const rowCount = state.files.paths.length + state.dirs.paths.length + state.outputs.paths.length;
  const isSmall = edit.rowCount < Math.max(sinceRowsMin, rowCount * sinceShareMax);
  if (isSmall) writeSince(path, { ran, edit, news }, before);
  else writeWhole(path, { ran, edit, news }, before);
}

interface Found {
  readonly ran: RanHot;
  readonly edit: HotEdit;
  readonly news: News;
}

interface News {
  readonly tasks: ReadonlyMap<number, KeptTask>;
  readonly logs: Readonly<Record<string, readonly LogPiece[]>>;
}

function newsOf(looked: readonly (Seen & { readonly at: number })[]): News {
  return {
    tasks: new Map(looked.map((one) => [one.at, keptTask(one)])),
    // Also of a task that said nothing: it may have said something before.
    logs: Object.fromEntries(looked.map(({ task, known }) => [task.id, known?.log ?? []])),
  };
}

function writeSince(path: string, { ran, edit, news }: Found, { hot: { state } }: KnownRun): void {
  const { since } = state;
  writeHotSince(path, state, {
    ...edit.since(since?.listing ?? []),
    facts: factsOf(ran),
    tasks: [...new Map<number, unknown>([...(since?.tasks ?? []), ...news.tasks])],
    logs: { ...since?.logs, ...news.logs },
  });
}

function writeWhole(path: string, { ran, edit, news }: Found, { hot, more }: KnownRun): void {
  const { state } = hot;
  const logs = JSON.stringify({ ...keptLogs(state), ...news.logs });
  if (logs.length > logCharsMax) return;
  const { counts: _, more: __, ...head } = state.head;
  writeHotFile(path, {
    head: { ...head, facts: factsOf(ran) },
    tables: edit.tables,
    links: edit.links,
    sections: {
      tasks: JSON.stringify(hot.tasks.map((task, at) => news.tasks.get(at) ?? task)),
      logs,
      plan: more.section("plan"),
      listing: collectListing(ran.tree),
    },
  });
}
