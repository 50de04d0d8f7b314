import type { Findings } from "../parse/findings.ts";
import { rootTurboFile, type ReadOptions, type WorkspaceTexts } from "../texts.ts";
import type { TaskConfiguration, TaskSource, WorkspacePackage } from "../types.ts";
import type { ReadPackage } from "../packages/read-packages.ts";
import { readNx } from "./nx/nx-rules.ts";
import { warnOfOtherRunners } from "./other-runners.ts";
import { withOwnSettings } from "./own-settings.ts";
import { pnpmRules } from "./pnpm-tasks.ts";
import { scriptRules } from "./scripts.ts";
import { turboRules } from "./turbo/turbo-rules.ts";

export interface TaskTexts {
  readonly texts: WorkspaceTexts;
  readonly read: readonly ReadPackage[];
  readonly packages: readonly WorkspacePackage[];
  /** pnpm-workspace.yaml as parsed. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly options: ReadOptions;
}

/** Rules, and the packages with what their source knows of them (nx: tags, names, implicit edges, projects without manifest). */
export interface ReadTasks {
  readonly tasks: TaskConfiguration;
  readonly packages: readonly WorkspacePackage[];
}

type Rules = Omit<TaskConfiguration, "source" | "because" | "others">;

const names: Readonly<Record<TaskSource, string>> = {
  turbo: "turbo.json",
  nx: "nx.json",
  pnpm: "tasks in pnpm-workspace.yaml",
  scripts: "package scripts",
};

/** The task rules of the first source that is there: turbo, then nx, then pnpm's tasks, then the scripts. */
export function readTasks(input: TaskTexts, findings: Findings): ReadTasks | null {
  const there = sourcesOf(input);
  const asked = input.options.tasksFrom;
  if (asked && !there.includes(asked)) {
    const message = `task rules were asked from ${names[asked]}, which is not there`;
    findings.problems.push({ code: "task/unknown", message, hint: `there are: ${there.join(", ")}` });
    return null;
  }
  const source = asked ?? there[0] ?? "scripts";
  const others = there.filter((each) => each !== source);
  const found = rulesFrom(source, input, findings);
  if (!found) return null;
  const calledSo = { ...names, turbo: rootTurboFile(input.texts) ?? names.turbo };
  const because = reason({ source, others, names: calledSo }, asked !== undefined);
  const rules = withOwnSettings(found.rules.rules, { ...input, packages: found.packages }, findings);
  return { tasks: { source, because, others, ...found.rules, rules }, packages: found.packages };
}

function sourcesOf({ texts, settings }: TaskTexts): readonly TaskSource[] {
  const there: TaskSource[] = [];
  if (rootTurboFile(texts) !== null) there.push("turbo");
  if (texts.files.has("nx.json")) there.push("nx");
  if (settings["tasks"] !== undefined) there.push("pnpm");
  return [...there, "scripts"];
}

function rulesFrom(
  source: TaskSource,
  input: TaskTexts,
  findings: Findings,
): { readonly rules: Rules; readonly packages: readonly WorkspacePackage[] } | null {
  const { texts, packages, settings } = input;
  switch (source) {
    case "turbo":
      return turboRules(texts, packages, findings);
    case "nx":
      return readNx(texts, input, findings);
    case "pnpm":
      return {
        rules: pnpmRules(
          { settings, packages, text: texts.files.get("pnpm-workspace.yaml") ?? "" },
          findings,
        ),
        packages,
      };
    case "scripts":
      warnOfOtherRunners(packages, findings);
      return { rules: scriptRules(packages), packages };
  }
}

interface Found {
  readonly source: TaskSource;
  readonly others: readonly TaskSource[];
  readonly names: Readonly<Record<TaskSource, string>>;
}

function reason({ source, others, names: called }: Found, asked: boolean): string {
  if (asked) return `${called[source]}, as asked`;
  const beaten = others.filter((each) => each !== "scripts");
  if (source === "scripts") return "there is no task configuration, so package scripts are tasks";
  if (beaten.length === 0) return `${called[source]} is there`;
  return `${called[source]} comes before ${beaten.map((each) => called[each]).join(" and ")}`;
}
