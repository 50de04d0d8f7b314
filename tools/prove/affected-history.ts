/**
 * Real commits of real repositories: what each affects, what is planned and what has to run anew, as the repository's own
 * turbo or nx says and as Slipway does. `npm run prove affected-history -- --repository PATH [--repository PATH...]
 * [--commits N] [--parts FOLDER]`. Works on scratch clones; nothing is installed in them. With `--parts` the figures of each
 * repository are kept there, and those that are there already are not made again.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installPeers, peerModules } from "../../packages/cli/test/peers/peers.ts";
import type { Answer } from "./affected-history/answer.ts";
import { differencesOf, type Difference } from "./affected-history/causes.ts";
import { checkoutOf, type Checkout } from "./affected-history/checkout.ts";
import { askNxOf } from "./affected-history/nx-side.ts";
import { askSlipway } from "./affected-history/our-side.ts";
import { tableOf, type History } from "./affected-history/report.ts";
import { askTurbo } from "./affected-history/turbo-side.ts";

const taskNames = [
  "build",
  "lint",
  "test",
  "typecheck",
  "test:lib",
  "test:types",
  "test:eslint",
  "type-check",
];
const commitsByDefault = 200;
/** Processor time of whole commands is measured at every so many commits. */
const measuredEvery = 20;

interface Options {
  readonly full: boolean;
  readonly repositories?: readonly string[];
  readonly commits?: number;
  readonly parts?: string;
  readonly log: (line: string) => void;
}

export async function prove({ full, repositories = [], commits, parts, log }: Options) {
  if (repositories.length === 0) return { name: "affected-history", skipped: "it needs --repository PATH" };
  installPeers();
  const histories: History[] = [];
  for (const repository of repositories) {
    const count = commits ?? (full ? commitsByDefault : 5);
    const name = nameOf(resolve(repository));
    const part = parts === undefined ? null : join(parts, `${name.replace("/", "+")}.json`);
    const known =
      part !== null && existsSync(part) ? (JSON.parse(readFileSync(part, "utf8")) as History) : null;
    const history = known ?? (await historyOf(resolve(repository), count, log));
    if (part !== null && !known) writeFileSync(part, JSON.stringify(history));
    histories.push(history);
  }
  const all = histories.flatMap(({ differences }) => differences);
  const unexplained = all.filter(({ cause }) => cause === null);
  return {
    name: "affected-history",
    summary: tableOf(histories),
    figures: {
      repositories: histories.length,
      commits: sum(histories, ({ commits: of }) => of),
      "commits in which both affect the same packages": sum(histories, ({ same }) => same),
      "plans compared": sum(histories, ({ plans }) => plans),
      "plans that differ": sum(histories, ({ plansDiffering }) => plansDiffering),
      "packages that one side alone names": all.length,
      "of these, by an unknown cause": unexplained.length,
    },
    failed: unexplained.length + sum(histories, ({ plansDiffering }) => plansDiffering),
  };
}

async function historyOf(repository: string, count: number, log: Options["log"]): Promise<History> {
  const checkout = checkoutOf(repository);
  const seen = { ours: new Set<string>(), theirs: new Set<string>() };
  const history: Mutable<History> = {
    name: nameOf(repository),
    tool: "turbo",
    commits: 0,
    same: 0,
    plans: 0,
    plansDiffering: 0,
    differences: [],
    skipped: 0,
    affectedTasks: { ours: 0, theirs: 0 },
    anew: { ours: 0, theirs: 0 },
    measured: [],
  };
  let before: Answer | null = null;
  try {
    for (const [at, commit] of checkout.commits(count).entries()) {
      try {
        checkout.goTo(commit);
        before = await compareAt(commit, { checkout, history, before, seen, log });
        if (at % measuredEvery !== 0) continue;
        history.measured.push(measure(checkout, history.tool, commit));
        log(`${history.name}: ${at + 1} of ${count} commits`);
      } catch (error) {
        history.skipped += 1;
        log(`${history.name} ${commit.slice(0, 10)} skipped: ${(error as Error).message.split("\n")[0]}`);
      }
    }
  } finally {
    checkout.remove();
  }
  return history;
}

function nameOf(repository: string): string {
  const name = basename(repository) === "repo" ? basename(dirname(repository)) : basename(repository);
  return name.replace("+", "/");
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] };

interface Around {
  readonly checkout: Checkout;
  readonly history: Mutable<History>;
  readonly before: Answer | null;
  /** Hashes of all commits so far: a cache that forgets nothing. */
  readonly seen: { readonly ours: Set<string>; readonly theirs: Set<string> };
  readonly log: Options["log"];
}

async function compareAt(commit: string, { checkout, history, before, seen, log }: Around): Promise<Answer> {
  const question = { root: checkout.root, base: `${commit}^1`, commit, tasks: taskNames };
  const ours = await askSlipway(question);
  const tool = ours.workspace.tasks.source === "nx" ? "nx" : "turbo";
  const theirs = tool === "nx" ? askNxOf(question, ours) : await askTurbo(question, ours);
  const short = commit.slice(0, 10);
  history.tool = tool;
  history.commits += 1;
  history.plans += 1;
  const planned = differencesOfPlans(ours.plan, theirs.plan);
  if (planned.length > 0) {
    history.plansDiffering += 1;
    log(`${history.name} ${short} plans: ${planned.slice(0, 5).join("; ")}`);
  }
  const hashesBefore = before?.hashes ?? new Map<string, string>();
  const found = differencesOf({ tool, ours, theirs, hashesBefore });
  if (found.length === 0) history.same += 1;
  history.differences.push(...found.map((each) => ({ ...each, commit: short })));
  for (const each of found.filter(({ cause }) => cause === null))
    log(`${history.name} ${short} ${told(each)}`);
  const first = before === null;
  history.anew.ours += news(ours.hashes, seen.ours, first);
  history.anew.theirs += news(theirs.hashes, seen.theirs, first);
  history.affectedTasks.ours += ours.affectedTasks.size;
  history.affectedTasks.theirs += theirs.affectedTasks.size;
  return theirs;
}

/** How many tasks have nothing in the cache; the first commit only fills it. */
function news(hashes: ReadonlyMap<string, string>, seen: Set<string>, isFirst: boolean): number {
  let count = 0;
  for (const [id, hash] of hashes) {
    const key = `${id} ${hash}`;
    if (!seen.has(key)) count += 1;
    seen.add(key);
  }
  return isFirst ? 0 : count;
}

function differencesOfPlans(ours: Answer["plan"], theirs: Answer["plan"]): string[] {
  const ids = new Set([...ours.keys(), ...theirs.keys()]);
  return [...ids].flatMap((id) => {
    const [one, other] = [ours.get(id), theirs.get(id)];
    if (!one || !other) return [`${id} only for ${one ? "slipway" : "the peer"}`];
    return one.join() === other.join() ? [] : [`${id} needs [${one.join()}] and [${other.join()}]`];
  });
}

function told({ package: name, side, origin }: Difference): string {
  const via = origin.via.length > 0 ? ` via ${origin.via.join(",")}` : "";
  return `only ${side}: ${name} from ${origin.package} (${origin.kind})${via}`;
}

const slipway = fileURLToPath(new URL("../slipway", import.meta.url));

/** Processor seconds of the whole command that says what a change of this commit would run. */
function measure({ root }: Checkout, tool: History["tool"], commit: string): History["measured"][number] {
  const own = `${slipway} run build --affected --plan --json --base ${commit}^1 --head ${commit}`;
  const peer =
    tool === "turbo"
      ? `${join(peerModules, ".bin/turbo")} run build --affected --dry=json`
      : `${process.execPath} ${join(peerModules, "nx/dist/bin/nx.js")} affected -t build --graph=stdout --base=${commit}^1 --head=${commit}`;
  const scm = { TURBO_SCM_BASE: `${commit}^1`, TURBO_SCM_HEAD: commit };
  return { ours: cpuSeconds(own, root, {}), theirs: cpuSeconds(peer, root, scm) };
}

function cpuSeconds(line: string, cwd: string, more: Readonly<Record<string, string>>): number {
  const quiet = { NX_DAEMON: "false", NX_NO_CLOUD: "true", TURBO_TELEMETRY_DISABLED: "1" };
  const env = { PATH: process.env["PATH"], HOME: join(cwd, ".git"), ...quiet, ...more };
  const timed = `TIMEFORMAT='%U %S'; time ${line} >/dev/null 2>/dev/null`;
  const text = execFileSync("bash", ["-c", `{ ${timed}; } 2>&1 || true`], { cwd, env, encoding: "utf8" });
  const [user = 0, system = 0] = text.trim().split(" ").map(Number);
  return user + system;
}

function sum(histories: readonly History[], count: (one: History) => number): number {
  return histories.reduce((total, one) => total + count(one), 0);
}
