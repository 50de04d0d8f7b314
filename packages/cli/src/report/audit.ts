import type { RunPlan } from "@slipway/plan";
import type { AuditedTask } from "@slipway/run";
import type { TaskRule } from "@slipway/workspace";
import { painter } from "./paint.ts";
import { plural } from "./text.ts";

const pathsShownMax = 8;

interface AuditFacts {
  readonly plan: RunPlan;
  readonly traced: boolean;
  readonly sources: readonly TaskRule[];
}

/** What an audit found, task by task, with what to add where. */
export function auditText(audited: readonly AuditedTask[], facts: AuditFacts, color: boolean): string {
  const paint = painter(color);
  const lines: string[] = [];
  const found = audited.filter((one) => one.uncounted ?? one.undeclared);
  for (const { id, uncounted, undeclared } of found) {
    lines.push(paint("bold", id));
    if (uncounted) {
      lines.push(`  reads without counting: ${plural(uncounted.paths.length, "file")}`);
      lines.push(...shown(uncounted.paths));
      lines.push(`    add ${added({ field: "inputs", id, entries: uncounted.entries }, facts)}`);
    }
    if (undeclared) {
      lines.push(`  writes beside its outputs: ${plural(undeclared.paths.length, "file")}`);
      lines.push(...shown(undeclared.paths));
      lines.push(`    add ${added({ field: "outputs", id, entries: undeclared.entries }, facts)}`);
    }
  }
  const what = facts.traced ? "read and wrote" : "wrote";
  lines.push(
    `${plural(audited.length, "cached task")} audited by what they ${what} in the workspace: ${found.length === 0 ? "nothing is missing" : `${found.length} with something missing`}`,
  );
  return lines.join("\n");
}

function shown(paths: readonly string[]): string[] {
  const more = paths.length - pathsShownMax;
  return [
    ...paths.slice(0, pathsShownMax).map((path) => `    ${path}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

interface Lack {
  readonly field: "inputs" | "outputs";
  readonly id: string;
  readonly entries: readonly string[];
}

/** The whole list as it would stand in the file, since a first entry takes the default's place. */
function added({ field, id, entries }: Lack, { plan, sources }: AuditFacts): string {
  const task = plan.tasks.find((one) => one.id === id);
  const rule = sources.find((one) => one.package === task?.package && one.task === task.task);
  const declared = (field === "inputs" ? rule?.declaredInputs : rule?.declaredOutputs) ?? [];
  const all = field === "inputs" && declared.length === 0 ? defaults[plan.source] : declared;
  const { sources: places = {} } = rule ?? {};
  const place = places[field] ?? Object.values(places)[0];
  const list = [...all, ...entries].map((entry) => JSON.stringify(entry)).join(", ");
  return `"${field}": [${list}]${place === undefined ? "" : ` (${place})`}`;
}

const defaults: Readonly<Record<RunPlan["source"], readonly string[]>> = {
  turbo: ["$TURBO_DEFAULT$"],
  nx: ["default", "^default"],
  pnpm: ["**"],
  scripts: [],
};
