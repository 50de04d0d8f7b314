import type { ExitStatus, PackageName, TaskId } from "@slipway/kernel";
import type { AffectedTask } from "@slipway/plan";
import type { Affected, Workspace } from "@slipway/workspace";
import type { Outside } from "../command.ts";
import { affectedReasonText } from "../report/because.ts";
import { painter } from "../report/paint.ts";
import { plural } from "../report/text.ts";
import { warningText } from "../report-error.ts";
import type { Base } from "../wire/base.ts";
import type { AffectedView } from "../wire/find-affected.ts";

export interface AffectedFlags {
  readonly json: boolean;
  readonly tasks: readonly string[];
  readonly base: string | undefined;
  readonly head: string | undefined;
  readonly strict: boolean;
}

/** What `affected --json` prints; docs/schema/affected.json describes it. */
export interface AffectedJson {
  readonly schema: 1;
  /** The commit compared with; null when its history is not on this machine. */
  readonly base: string | null;
  /** The commit looked at; null is the work tree with all that is not committed. */
  readonly head: string | null;
  readonly baseRef: string;
  readonly baseBecause: Base["because"];
  readonly packages: readonly {
    readonly name: PackageName;
    readonly because: readonly AffectedReasonJson[];
  }[];
  readonly tasks?: readonly { readonly id: TaskId; readonly because: readonly TaskReasonJson[] }[];
}

export type TaskReasonJson = AffectedTask["because"][number] | { readonly kind: "unknown" };

type AffectedReasonJson = Affected["because"][number] | { readonly kind: "unknown" };

export interface Telling {
  readonly flags: AffectedFlags;
  readonly outside: Pick<Outside, "terminal" | "answer" | "say">;
  /** Null: no tasks were asked about. */
  readonly tasks: NonNullable<AffectedJson["tasks"]> | null;
}

/** Of a workspace, or of what was kept of one. */
interface Told {
  readonly warnings: Workspace["warnings"];
  readonly packages: readonly (PackageName | { readonly name: PackageName })[];
}

/** Says which packages, and tasks, a change reaches, and why. */
export function tellAffected(
  view: AffectedView,
  workspace: Told,
  { flags, outside, tasks }: Telling,
): ExitStatus {
  for (const warning of [...workspace.warnings, ...view.warnings]) outside.say(warningText(warning));
  const value = affectedJson(view, workspace, tasks);
  if (flags.json) {
    outside.answer(JSON.stringify(value, null, 2));
    return 0;
  }
  outside.say(sinceText(view.base));
  const paint = painter(outside.terminal.color);
  for (const { name, because } of value.packages) {
    outside.answer(`${name}  ${paint("dim", shortened(because.map(reasonText)))}`);
  }
  for (const { id, because } of value.tasks ?? []) {
    outside.answer(`${id}  ${paint("dim", shortened(because.map(reasonText)))}`);
  }
  outside.say(`${plural(value.packages.length, "package")} of ${workspace.packages.length}`);
  if (flags.tasks.length > 0)
    outside.say(`\`slipway run ${flags.tasks.join(" ")} --affected\` runs the tasks`);
  return 0;
}

function affectedJson(view: AffectedView, workspace: Told, tasks: Telling["tasks"]): AffectedJson {
  const { base } = view;
  const packages = view.packages ?? workspace.packages.map(unknown);
  return {
    schema: 1,
    base: base.kind === "known" ? base.commit : null,
    head: base.head,
    baseRef: base.ref,
    baseBecause: base.because,
    packages,
    ...(tasks ? { tasks } : {}),
  };
}

function unknown(one: Told["packages"][number]): AffectedJson["packages"][number] {
  return { name: typeof one === "string" ? one : one.name, because: [{ kind: "unknown" }] };
}

function reasonText(reason: AffectedReasonJson | TaskReasonJson): string {
  if (reason.kind === "unknown") return "not known";
  return reason.kind === "task" ? `needs ${reason.task}` : affectedReasonText(reason);
}

const REASONS_SHOWN_MAX = 3;

function shortened(reasons: readonly string[]): string {
  const more = reasons.length - REASONS_SHOWN_MAX;
  const shown = reasons.slice(0, REASONS_SHOWN_MAX).join("; ");
  return more > 0 ? `${shown}; and ${plural(more, "more reason")}` : shown;
}

function sinceText(base: Base): string {
  const because = base.because;
  const who = {
    flag: "--base",
    variable: because.kind === "variable" ? because.name : "",
    ci: because.kind === "ci" ? `${because.provider}, ${because.event}` : "",
    "base-branch": "the base branch",
  }[because.kind];
  const commit = base.kind === "known" ? ` at ${base.commit.slice(0, 10)}` : "";
  return `since ${base.ref}${commit} (${who})`;
}
