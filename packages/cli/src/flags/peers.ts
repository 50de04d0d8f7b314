import type { BooleanOption, Options, TextOption, Values } from "../command.ts";
import type { carryingOutFlags } from "./run.ts";

/** Flags of turbo, nx and pnpm that mean something here, that have no effect here, or that are answered with ours. */
export const peerFlags = {
  // turbo run
  "dry-run": means("text", {
    bare: "text",
    value: "FORM",
    choices: ["text", "json"],
    summary: "turbo: --plan, and --plan --json for json",
  }),
  dry: means("text", {
    bare: "text",
    value: "FORM",
    choices: ["text", "json"],
    summary: "turbo: --plan, and --plan --json for json",
  }),
  summarize: means("boolean", { summary: "turbo: --summary" }),
  profile: means("text", { value: "FILE", summary: "turbo: --trace FILE" }),
  "anon-profile": means("text", { value: "FILE", summary: "turbo: --trace FILE" }),
  "no-cache": means("boolean", { summary: "turbo: --cache=local:r,remote:r" }),
  "remote-only": means("boolean", { summary: "turbo: --cache=remote:rw" }),
  "remote-cache-read-only": means("boolean", { summary: "turbo: --cache=local:rw,remote:r" }),
  "log-prefix": means("text", {
    value: "KIND",
    choices: ["auto", "none", "task"],
    summary: "turbo: whether streamed lines name their task",
  }),
  daemon: ignored("there is no daemon"),
  "single-package": ignored("a repository of one package needs no flag"),
  "cache-workers": ignoredText("N", "results are stored as they come"),
  "skip-infer": ignored("there is no version to infer"),
  "update-notifier": ignored("nothing is notified"),
  "dangerously-disable-package-manager-check": ignored("a missing packageManager field is no error"),
  ui: ignoredText("KIND", "the display follows the terminal"),
  verbosity: ignoredText("N", "`slipway why` and --plan explain what was decided"),
  "framework-inference": refused("declare the variables under `env` in turbo.json to be independent of it"),
  "global-deps": refused("name the files under `globalDependencies` in turbo.json"),
  graph: refused("`slipway graph TASK` shows it, also as --dot or --json"),
  "log-file": refused("`slipway run TASK --json > FILE` writes every event"),
  // nx run-many, nx affected
  targets: means("text", {
    short: "t",
    value: "NAMES",
    many: true,
    summary: "nx: tasks to run, with commas",
  }),
  target: means("text", { value: "NAMES", many: true, summary: "nx: tasks to run, with commas" }),
  "max-parallel": means("text", { value: "N", summary: "nx: --concurrency N" }),
  "nx-bail": means("boolean", { summary: "nx: --continue=never" }),
  "skip-nx-cache": means("boolean", { summary: "nx: --force" }),
  "disable-nx-cache": means("boolean", { summary: "nx: --force" }),
  "skip-remote-cache": means("boolean", { summary: "nx: --cache=local:rw" }),
  "disable-remote-cache": means("boolean", { summary: "nx: --cache=local:rw" }),
  "exclude-task-dependencies": means("boolean", { summary: "nx: --only" }),
  prod: means("boolean", { summary: "nx: --configuration production" }),
  uncommitted: means("boolean", { summary: "nx: --affected --base HEAD" }),
  "output-style": means("text", {
    value: "STYLE",
    choices: ["dynamic", "dynamic-legacy", "static", "stream", "stream-without-prefixes", "tui"],
    summary: "nx: --log-order",
  }),
  all: ignored("without a filter all packages are meant"),
  batch: ignored("tasks of one executor share what is loaded, and have an outcome each"),
  runner: ignoredText("NAME", "there is one runner"),
  "skip-sync": ignored("nothing is synchronised"),
  tui: ignored("the display follows the terminal"),
  "tui-auto-exit": ignoredText("WHEN", "the display ends with the run"),
  verbose: ignored("`slipway why` and --plan explain what was decided"),
  "nx-ignore-cycles": refused("a cycle has no order: `slipway run TASK --only` leaves out what tasks need"),
  files: refused("--base and --head say what changed"),
  untracked: refused("--base HEAD counts staged, unstaged and untracked changes"),
  // pnpm run
  recursive: { ...ignored("all packages are meant unless a filter says otherwise"), short: "r" },
  "if-present": ignored("packages without the task are passed over"),
  "workspace-concurrency": means("text", { value: "N", summary: "pnpm: --concurrency N" }),
  bail: means("boolean", { default: true, summary: "pnpm: --continue=always" }),
  stream: means("boolean", { summary: "pnpm: --log-order stream" }),
  "aggregate-output": means("boolean", { summary: "pnpm: --log-order grouped" }),
  // turbo and nx
  parallel: means("text", {
    bare: "",
    pattern: /^(\d+%?|true|false)$/,
    value: "N",
    summary: "nx: --concurrency N; turbo: no effect, tasks that may run at the same time do",
  }),
} as const satisfies Options;

type PeerValues = Values<typeof peerFlags>;
type OwnValues = Values<typeof carryingOutFlags> & {
  readonly only: boolean;
  readonly plan: boolean;
  readonly json: boolean;
  readonly affected: boolean;
  readonly base: string | undefined;
  readonly configuration: string | undefined;
  readonly summary: boolean;
  readonly trace: string | undefined;
};

/** The same wish in Slipway's own flags; a flag of Slipway's own that was given is the stronger one. */
export function inOwnWords<V extends PeerValues & OwnValues>(values: V, given: ReadonlySet<string>): V {
  const dry = values.dry ?? values["dry-run"];
  const order = logOrderOf(values);
  const own: Partial<OwnValues> = {
    plan: values.plan || dry !== undefined,
    json: values.json || dry === "json",
    summary: values.summary || values.summarize,
    trace: values.trace ?? values.profile ?? values["anon-profile"],
    force: values.force || values["skip-nx-cache"] || values["disable-nx-cache"],
    only: values.only || values["exclude-task-dependencies"],
    affected: values.affected || values.uncommitted,
    base: values.base ?? (values.uncommitted ? "HEAD" : undefined),
    configuration: values.configuration ?? (values.prod ? "production" : undefined),
    cache: values.cache ?? cacheOf(values),
    concurrency: values.concurrency ?? concurrencyOf(values),
    ...(given.has("continue") ? {} : { continue: continueOf(values) ?? values.continue }),
    ...(given.has("log-order") || order === undefined ? {} : { "log-order": order }),
  };
  return { ...values, ...own };
}

/** Whether streamed lines stand behind their task's name; null: as fits. */
export function prefixOf(values: PeerValues): boolean | null {
  if (values["output-style"] === "stream-without-prefixes" || values["log-prefix"] === "none") return false;
  return values["log-prefix"] === "task" ? true : null;
}

function cacheOf(values: PeerValues): string | undefined {
  if (values["no-cache"]) return "local:r,remote:r";
  if (values["remote-only"]) return "remote:rw";
  if (values["remote-cache-read-only"]) return "local:rw,remote:r";
  return values["skip-remote-cache"] || values["disable-remote-cache"] ? "local:rw" : undefined;
}

function concurrencyOf(values: PeerValues): string | undefined {
  const { parallel } = values;
  if (parallel === "false") return "1";
  const named = parallel === "true" || parallel === "" ? undefined : parallel;
  return named ?? values["max-parallel"] ?? values["workspace-concurrency"];
}

function continueOf(values: PeerValues): string | undefined {
  if (values["nx-bail"]) return "never";
  return values.bail ? undefined : "always";
}

function logOrderOf(values: PeerValues): string | undefined {
  const style = values["output-style"];
  if (values.stream || style?.startsWith("stream")) return "stream";
  return values["aggregate-output"] || style === "static" ? "grouped" : undefined;
}

function means(type: "boolean", option: Omit<BooleanOption, "type" | "hidden">): BooleanOption;
function means<const O extends Omit<TextOption, "type" | "hidden">>(
  type: "text",
  option: O,
): O & { readonly type: "text"; readonly hidden: true };
function means(type: "boolean" | "text", option: object): object {
  return { ...option, type, hidden: true };
}

function ignored(because: string): BooleanOption {
  return { type: "boolean", hidden: true, summary: `no effect: ${because}`, ignored: because };
}

function ignoredText(value: string, because: string): TextOption {
  return { type: "text", value, hidden: true, summary: `no effect: ${because}`, ignored: because };
}

function refused(instead: string): TextOption {
  return { type: "text", value: "VALUE", bare: "", hidden: true, summary: `not taken: ${instead}`, instead };
}
