import type { TagPlan } from "@slipway/plan";
import { columns, plural } from "./text.ts";

/** What `promote` and `rollback` are going to do, for whoever has to say yes. */
export function tagPlanText(plan: TagPlan): string {
  const rows = plan.moves.map(({ package: name, tag, from, to }) => [
    name,
    tag,
    `${from ?? "nothing"} -> ${to ?? "nothing"}`,
  ]);
  const left = plan.left.filter(({ because }) => because !== "already-there");
  return [
    `${verbs[plan.action]} release ${plan.release}: ${plural(plan.moves.length, "dist-tag")}`,
    ...columns(rows).map((line) => `  ${line}`),
    ...deprecationLines(plan),
    ...left.map(({ package: name, tag, because }) => `  ${name}: ${tag} stays, ${reasons[because]}`),
  ].join("\n");
}

const verbs = { promote: "Promote", rollback: "Roll back", abort: "Give up" } as const;

function deprecationLines({ deprecations }: TagPlan): string[] {
  const [first] = deprecations;
  if (!first) return [];
  const names = deprecations.map(({ package: name, version }) => `${name}@${version}`);
  return [`deprecate, saying "${first.message}": ${names.join(", ")}`];
}

const reasons: Readonly<Record<TagPlan["left"][number]["because"], string>> = {
  "already-there": "it is there already",
  "moved-since": "somebody moved it since",
  "first-version": "a registry never lets a package be without it; the version is deprecated",
  "not-published": "the version is not on the registry",
  "origin-unknown": "nothing here says where it stood before; move it with `npm dist-tag add`",
};
