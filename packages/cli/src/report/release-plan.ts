import { movesBack, type PlannedPackage, type ReleasePlan } from "@slipway/plan";
import { painter } from "./paint.ts";
import { columns, plural } from "./text.ts";

/** The plan as the person reads it who has to say yes. */
export function releasePlanText(plan: ReleasePlan, color: boolean): string {
  const paint = painter(color);
  const registries = new Set(plan.packages.map(({ registry }) => registry));
  const rows = plan.packages.map((each) => {
    const cells = [each.name, `${each.from ?? "-"} -> ${each.version}`, each.tag];
    return registries.size > 1 ? [...cells, each.registry, because(each)] : [...cells, because(each)];
  });
  const lines = [
    `${paint("bold", `Release ${plan.id}`)} of ${plan.commit.slice(0, 10)}: ${plural(plan.packages.length, "package")}`,
    ...(registries.size === 1 ? [`to ${[...registries].join("")}`] : []),
    ...columns(rows).map((line) => `  ${line}`),
    ...gitLines(plan),
    ...firstLines(plan),
    ...backLines(plan),
    ...modeLines(plan),
    ...provenanceLine(plan),
  ];
  return lines.join("\n");
}

function because(each: PlannedPackage): string {
  const [reason] = each.because;
  switch (reason?.kind) {
    case "first-version":
      return "its first version";
    case "staged-by-this-batch":
      return "staged by a release that did not end; taken as it waits";
    case "uploaded-by-this-batch":
      return `uploaded before, from ${reason.commit.slice(0, 10)}`;
    case "not-on-registry":
    case undefined:
      return "not on the registry yet";
  }
}

function gitLines({ gitTags, gitPush, gitBatchTag, packages, commit: planned }: ReleasePlan): string[] {
  if (gitTags.length === 0) return gitBatchTag === null ? [] : [`git tag ${gitBatchTag} for the whole batch`];
  const inBatch = new Set(packages.map(({ name }) => name));
  const healed = gitTags.filter((tag) => !inBatch.has(tag.package) && tag.commit !== planned);
  const own = gitTags.length - healed.length;
  const how = gitPush === "together" ? (own > 1 ? " in one push" : "") : ", each pushed by itself";
  const batch = gitBatchTag === null ? "" : `, then ${gitBatchTag} for the whole batch`;
  const lines = own === 0 ? [] : [`git tags: ${plural(own, "tag")}${how}${batch}`];
  if (healed.length === 0) return lines;
  const names = healed.map(({ name, commit }) => `${name} at ${commit.slice(0, 10)}`).join(", ");
  return [...lines, `git tags that an earlier release did not get to make: ${names}`];
}

/** Each has it in its own line as well. */
const firstNamedMax = 10;

/** The registry does this, whatever tag the upload names. */
function firstLines({ packages, batchTag }: ReleasePlan): string[] {
  const first = packages.filter((each) => each.first && each.state === "missing").map(({ name }) => name);
  if (first.length === 0 || batchTag === null) return [];
  const more = first.length > firstNamedMax ? ` and ${first.length - firstNamedMax} more` : "";
  const named =
    first.length === packages.length && more !== "" ? "all" : first.slice(0, firstNamedMax).join(", ") + more;
  return [`visible from their upload on, since it is their first version: ${named}`];
}

function backLines(plan: ReleasePlan): string[] {
  const back = movesBack(plan).filter(({ state }) => state === "missing");
  if (back.length === 0) return [];
  const named = back.map(({ name, tag, from }) => `${name} (${tag} is ${from})`).join(", ");
  return [`takes users back to a lower version: ${named}`];
}

function modeLines({ mode, modeBecause, packages }: ReleasePlan): string[] {
  const reason = modeBecause === "identity-alone" ? ", as the job's identity allows no more" : "";
  switch (mode) {
    case "tag":
      return [];
    case "direct":
      return [`mode direct${reason}; not atomic: each version is visible as soon as it is uploaded`];
    case "stage":
      return [`mode stage: ${plural(packages.length, "version")} wait until somebody approves them`];
  }
}

function provenanceLine({ packages }: ReleasePlan): string[] {
  const missing = packages.filter(({ state }) => state === "missing");
  const signed = missing.filter(({ provenance }) => provenance.signed).length;
  if (signed > 0)
    return [`provenance: signed for ${signed === missing.length ? "all" : `${signed} of them`}`];
  const wanted = missing.filter(({ provenance }) => provenance.configured === true).length;
  return wanted > 0 ? [`provenance: configured for ${wanted}, and this is no job that can sign it`] : [];
}
