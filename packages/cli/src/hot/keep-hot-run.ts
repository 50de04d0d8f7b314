import { realpathSync, statSync } from "node:fs";
import { basename } from "node:path";
import { collectListing, collectTables, isSettled, writeHotFile, type HotContent } from "@slipway/host";
import { version } from "../version.ts";
import { pnpmConfigFile } from "../wire/script-habits.ts";
import { dotenvHolds } from "./dotenv-holds.ts";
import { countedDigest, hotPlaceOf, mayBeHot, ownDigest, type HotPlace } from "./hot-request.ts";
import { ignoreFiles } from "./ignore-files.ts";
import { keepNews } from "./keep-news.ts";
import {
  factsOf,
  hotTask,
  isSure,
  keptTask,
  logCharsMax,
  logsOf,
  type RanHot,
  type Seen,
} from "./ran-hot.ts";

/**
 * Keeps what a run of these words found, for the next one. Nothing is kept when a task's result does not hold, or when
 * something that decides what the tasks are was touched since the run started.
 *
 * @returns what is wrong with the keeping itself, to be told; null where all is well, or where the system refuses it: on a
 *   full disk or in a read-only repository the next run looks at more than it needs to
 */
export function keepHotRun(ran: RanHot): string | null {
  const place = mayBeHot(ran.request) ? hotPlaceOf(ran.request) : null;
  if (!place) return null;
  try {
    if (ran.before) keepNews(place.file, ran, ran.before);
    else {
      const content = contentOf(ran, place.key);
      if (content) writeHotFile(place.file, content);
    }
    return null;
  } catch (error) {
    const { errno, message } = error as NodeJS.ErrnoException;
    return errno === undefined ? message : null;
  }
}

function contentOf(ran: RanHot, key: HotPlace["key"]): HotContent | null {
  const { plan, tree, env, platform } = ran;
  const seen = plan.tasks.map((task): Seen => ({ task, known: ran.looked.get(task.id) }));
  const anchors = anchorsOf(ran);
  if (ran.askedNx?.state === null || !seen.every(isSure) || !anchors || isShim(platform.nodePath))
    return null;
  const logs = JSON.stringify(logsOf(seen));
  if (logs.length > logCharsMax) return null;
  const ofTasks = plan.tasks.flatMap(({ env: own, inputSpec }) => [...own, ...inputSpec.env]);
  const patterns = [...new Set([...plan.global.env, ...ofTasks])];
  const collected = collectTables(tree, seen.map(hotTask), ran.startedMs);
  if (!dotenvHolds(plan, ran, (id) => ran.looked.get(id)?.seen.marks)) return null;
  return {
    head: {
      engine: version,
      root: tree.root,
      anchors,
      env: { patterns, digest: countedDigest(env, patterns, key) },
      ownEnv: ownDigest(env, key),
      nodePath: platform.nodePath,
      facts: factsOf(ran),
    },
    ...collected,
    sections: {
      tasks: JSON.stringify(seen.map(keptTask)),
      logs,
      plan: JSON.stringify(plan),
      listing: collectListing(tree),
    },
  };
}

/** Null when one of them was touched since the run started: it may have been read before that. */
function anchorsOf(ran: RanHot): [string, number[] | null][] | null {
  const { anchors, tree, env, platform } = ran;
  const all = new Set([...anchors, ...ignoreFiles(tree, env), ...settingFiles(tree.root, env)]);
  if (platform.nodePath !== null) all.add(platform.nodePath);
  const result: [string, number[] | null][] = [];
  for (const path of all) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && !isSettled(stat, ran.startedMs)) return null;
    result.push([path, stat ? [stat.mtimeMs, stat.ctimeMs, stat.size, stat.ino, stat.mode] : null]);
  }
  return result;
}

/** Where package managers keep what a user has set. */
function settingFiles(root: string, env: NodeJS.ProcessEnv): string[] {
  const home = env["HOME"] ?? "";
  const config = env["XDG_CONFIG_HOME"] || `${home}/.config`;
  return [
    env["npm_config_userconfig"] ?? `${home}/.npmrc`,
    `${root}/.npmrc`,
    `${config}/pnpm/rc`,
    pnpmConfigFile(env),
  ];
}

/** A version manager's shim is the same file whatever version it starts. */
function isShim(nodePath: string | null): boolean {
  return nodePath !== null && !/^node(?:js)?$/.test(basename(realpathSync(nodePath)));
}
