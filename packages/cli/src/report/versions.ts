import type { BumpReason, PackageBump, VersionPlan } from "@slipway/plan";
import type { Paint } from "./paint.ts";
import { columns, plural } from "./text.ts";

/** One line a bump, with the reasons that weigh; all of them come with `--verbose` and `why-bump`. */
export function renderBumps(bumps: readonly PackageBump[], paint: Paint, all = false): string {
  const rows = bumps.map((bump) => {
    const color = bump.bump === "major" ? "red" : bump.bump === "minor" ? "yellow" : "green";
    const reasons = all ? bump.because : mainReasons(bump);
    return [
      `  ${paint("bold", bump.package)}`,
      `${bump.from} → ${paint(color, bump.to)}`,
      paint(color, bump.bump),
      paint("dim", reasons.map(bumpReasonText).join("; ")),
    ];
  });
  return columns(rows).join("\n");
}

/** What a plan writes, in one line: `3 manifests, 2 changelogs, 4 changesets consumed`. */
export function editsText(plan: VersionPlan): string {
  const count = (test: (path: string, after: string | null) => boolean): number =>
    plan.edits.filter((edit) => test(edit.path, edit.after)).length;
  const parts = [
    plural(
      count((path) => /(?:^|\/)package\.json$/.test(path)),
      "manifest",
    ),
    plural(
      count((path) => path.endsWith("CHANGELOG.md")),
      "changelog",
    ),
    `${plural(
      count((path, after) => path.startsWith(".changeset/") && path.endsWith(".md") && after === null),
      "changeset",
    )} consumed`,
  ];
  return parts.filter((part) => !part.startsWith("0 ")).join(", ");
}

export function bumpReasonText(reason: BumpReason): string {
  switch (reason.kind) {
    case "changeset":
      return `${reason.changeset}: ${shortened(reason.summary)}`;
    case "dependency": {
      const { dependency, to, range } = reason;
      if (reason.rule === "peer") return `its peer ${dependency} becomes ${to}`;
      if (reason.rule === "always") return `it depends on ${dependency}, which becomes ${to}`;
      return `${dependency} becomes ${to}, out of its range ${range}`;
    }
    case "fixed":
      return `its version is fixed to that of ${listed(reason.with)}`;
    case "linked":
      return `its version is linked to that of ${listed(reason.with)}`;
    case "first-release":
      return "it was never released, and keeps its version";
    case "pre-exit":
      return "its prerelease becomes a release";
  }
}

const REASONS_MAX = 2;
const SUMMARY_LENGTH_MAX = 60;
const NAMES_MAX = 3;

function mainReasons({ because }: PackageBump): readonly BumpReason[] {
  const changesets = because.filter((reason) => reason.kind === "changeset");
  return (changesets.length > 0 ? changesets : because).slice(0, REASONS_MAX);
}

function shortened(text: string): string {
  return text.length > SUMMARY_LENGTH_MAX ? `${text.slice(0, SUMMARY_LENGTH_MAX - 1)}…` : text;
}

function listed(names: readonly string[]): string {
  const rest = names.length - NAMES_MAX;
  return `${names.slice(0, NAMES_MAX).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
