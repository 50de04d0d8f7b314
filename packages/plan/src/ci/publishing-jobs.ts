import { isRecord } from "@slipway/kernel";
import type { YAMLMap } from "yaml";
import { fresh, type TakenOver } from "./github-jobs.ts";
import { pinnedIn } from "./pinned-actions.ts";
import { checkout } from "./workflow-lines.ts";

/** The jobs of a workflow that version and publish with Changesets today. */
export interface PublishingJobs {
  /** Where each stands in the text, whole lines. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  /** The column of the jobs' names. */
  readonly column: number;
  readonly taken: TakenOver;
  /** What a person has to look at. */
  readonly notes: readonly string[];
}

interface Job {
  readonly name: string;
  readonly map: YAMLMap;
  readonly start: number;
  readonly end: number;
  readonly column: number;
}

const registryToken = /\b\w*(?:NPM|NODE_AUTH)\w*TOKEN\b/;

const publishes = /\bchangesets\/action(?:\/[\w-]+)?@|\bchangeset(?:s\/cli)? (?:publish|version)\b/;

/** Null: no job of this workflow uses Changesets to publish. */
export async function publishingJobs(text: string): Promise<PublishingJobs | null> {
  const jobs = await jobsIn(text);
  const ours = jobs.filter(({ start, end }) => publishes.test(withoutComments(text.slice(start, end))));
  const [first] = ours;
  if (!first) return null;
  const last = publisherAmong(ours, text);
  const setup = setupOf(first, text);
  const others = jobs.filter((job) => !ours.includes(job));
  const machine = ["runs-on", "timeout-minutes"].flatMap((key) => linesOf(last, key, text));
  const token = tokenIn(text);
  const taken: TakenOver = {
    condition: linesOf(first, "if", text),
    machine: machine.length === 0 ? fresh.machine : machine,
    env: linesOf(first, "env", text)
      .slice(1)
      .map((line) => line.trim())
      .filter((line) => !registryToken.test(line)),
    setup: setup.lines,
    title: titleOf(ours, text),
    publish: {
      job: last.name,
      lines: ["name", "environment"].flatMap((key) => linesOf(last, key, text)),
      token: token ?? (/^\s*id-token: *write/m.test(text) ? null : fresh.publish.token),
    },
    taken: new Set(others.map(({ name }) => name)),
  };
  const shared = registryToken.test(text.slice(0, Math.max(0, text.search(/^jobs:/m))))
    ? ["the workflow gives a registry's token to all of its jobs: move it to the job that publishes"]
    : [];
  return {
    ranges: ours.map(({ start, end }) => ({ start, end })),
    column: first.column,
    taken,
    notes: [
      ...shared,
      ...setup.notes,
      ...ours.flatMap((job) => droppedSteps(job, text)),
      ...dependents(others, ours),
    ],
  };
}

async function jobsIn(text: string): Promise<readonly Job[]> {
  const { isMap, isScalar, parseDocument } = await import("../yaml.ts");
  const jobs: unknown = parseDocument(text).get("jobs", true);
  if (!isMap(jobs)) return [];
  return jobs.items.flatMap(({ key, value }): Job[] => {
    if (!isScalar(key) || !isMap(value) || !key.range || !value.range) return [];
    const start = lineStart(text, key.range[0]);
    const end = lineEnd(text, value.range[1]);
    return [{ name: String(key.value), map: value, start, end, column: key.range[0] - start }];
  });
}

interface Step {
  readonly text: string;
  readonly name: string;
  /** The action; empty for a command. */
  readonly uses: string;
  readonly given: Readonly<Record<string, unknown>>;
}

/** Whole lines of each step, with the comments above it. */
function stepsOf(job: Job, text: string): readonly Step[] {
  const steps: unknown = job.map.get("steps", true);
  const items =
    (steps as { items?: readonly { range?: [number, number, number]; toJSON?(): unknown }[] } | null)
      ?.items ?? [];
  let from = -1;
  return items.flatMap((item): Step[] => {
    if (!item.range) return [];
    const [valueStart, valueEnd] = item.range;
    const start = from === -1 ? lineStart(text, valueStart) : from;
    from = lineEnd(text, valueEnd);
    const { name, uses, run, with: given } = (item.toJSON?.() ?? {}) as Partial<Record<string, unknown>>;
    const title = [name, uses, run].find((each) => typeof each === "string") ?? "a step";
    return [
      {
        text: text.slice(start, from),
        name: title.split("\n")[0] ?? "",
        uses: typeof uses === "string" ? uses : "",
        given: isRecord(given) ? given : {},
      },
    ];
  });
}

/** The steps before the first that versions or publishes; a checkout of the usual form is taken over with all history. */
function setupOf(
  job: Job,
  text: string,
): { readonly lines: readonly string[]; readonly notes: readonly string[] } {
  const steps = stepsOf(job, text);
  const at = steps.findIndex((step) => publishes.test(withoutComments(step.text)));
  const before = steps.slice(0, at === -1 ? steps.length : at);
  const notes: string[] = [];
  const lines = before.flatMap((step): readonly string[] => {
    if (!step.uses.startsWith("actions/checkout@")) return dedented(pinnedIn(step.text));
    if (Object.keys(step.given).every((key) => ["fetch-depth", "persist-credentials", "token"].includes(key)))
      return checkout();
    notes.push("its checkout was kept as it is: give it `fetch-depth: 0` and `persist-credentials: false`");
    return dedented(pinnedIn(step.text));
  });
  if (!before.some(({ uses }) => uses.includes("checkout@")))
    notes.push(
      "no step of its own checks out the repository: see that all history is fetched (`fetch-depth: 0`)",
    );
  return { lines, notes };
}

function droppedSteps(job: Job, text: string): string[] {
  const steps = stepsOf(job, text);
  const at = steps.findIndex((step) => publishes.test(withoutComments(step.text)));
  const scripts = steps.flatMap(({ given }) => {
    return ["version", "publish", "script"].flatMap((key) =>
      typeof given[key] === "string" ? [given[key]] : [],
    );
  });
  const dropped = steps.slice(at + 1).filter((step) => !publishes.test(withoutComments(step.text)));
  return [
    ...scripts.map(
      (script) => `job ${job.name} ran \`${script}\`: what it did beside \`changeset\` is no longer done`,
    ),
    ...(dropped.length === 0
      ? []
      : [
          `steps of job ${job.name} that are no longer there: ${dropped.map(({ name }) => `"${name}"`).join(", ")}`,
        ]),
  ];
}

function dependents(others: readonly Job[], ours: readonly Job[]): string[] {
  const gone = new Set(ours.map(({ name }) => name));
  return others.flatMap(({ name, map }) => {
    const needs = [map.toJSON()].flatMap((job: { needs?: string | readonly string[] }) => job.needs ?? []);
    return needs
      .filter((each) => gone.has(each))
      .map((each) => `job ${name} needs ${each}: see that it still means what it should`);
  });
}

/** The job that publishes: it says so, or has the environment, or is the last. */
function publisherAmong(jobs: readonly Job[], text: string): Job {
  const found = jobs.find((job) => stepsOf(job, text).some(isPublisher));
  const last = found ?? jobs.find(({ map }) => map.has("environment")) ?? jobs.at(-1);
  if (!last) throw new Error("there is no job to publish");
  return last;
}

function isPublisher({ uses, given, text }: Step): boolean {
  const says = /\bchangesets?(?:\/cli)? publish\b/.test(withoutComments(text));
  return says || "publish" in given || uses.startsWith("changesets/action/publish@");
}

/** The title that the version pull request had. */
function titleOf(jobs: readonly Job[], text: string): string | null {
  for (const { uses, given } of jobs.flatMap((job) => stepsOf(job, text))) {
    const title = given["title"] ?? given["pr-title"];
    if (typeof title === "string" && uses.startsWith("changesets/action")) return title;
  }
  return null;
}

/** The lines of one key of a job, moved to the left margin; none when it is not there. */
function linesOf(job: Job, key: string, text: string): readonly string[] {
  const pair = job.map.items.find((item) => String((item.key as { value?: unknown }).value) === key);
  const from = (pair?.key as { range?: [number, number, number] } | undefined)?.range;
  const to = (pair?.value as { range?: [number, number, number] } | undefined)?.range;
  if (!from || !to) return [];
  return dedented(text.slice(lineStart(text, from[0]), lineEnd(text, to[1])));
}

function tokenIn(text: string): string | null {
  return /(?:NPM_TOKEN|NODE_AUTH_TOKEN): *["']?(\$\{\{ *secrets\.\w+ *\}\})/.exec(text)?.[1] ?? null;
}

function withoutComments(text: string): string {
  return text.replaceAll(/(^|\s)#.*$/gm, "$1");
}

function dedented(text: string): string[] {
  const lines = text.replaceAll("\r", "").replace(/\n$/, "").split("\n");
  const margins = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const margin = Math.min(...margins, Number.MAX_SAFE_INTEGER);
  return lines.map((line) => line.slice(margin).trimEnd());
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Behind the end of the line that `offset` stands in; of the line before, when it stands at a line's beginning. */
function lineEnd(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === "\n") return offset;
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end + 1;
}
