import { styleText } from "node:util";
import type { RehearsalReport, RehearsedVerdict } from "../journeys/rehearse/report.ts";
import { columns, durationText, plural, sizeText, wrapped } from "./text.ts";

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** What a maintainer reads at the end of a rehearsal: plan, build, bytes, verdicts, order, consumers, time. */
export function renderRehearsal(
  report: RehearsalReport,
  { color, width }: { readonly color: boolean; readonly width: number | null },
): string {
  const paint: Paint = (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
  const sections = [
    heading(report, paint),
    section("Would be released", bumpLines(report, paint), paint),
    section("Built", buildLines(report), paint),
    section("Sealed", sealedLines(report, paint), paint),
    section("Gates", gateLines(report, paint), paint),
    section("Published, dependencies first", publishedLines(report, paint), paint),
    section("As a consumer", consumerLines(report, paint), paint),
    section("Good to know", report.notes, paint),
    section("Time", [phaseLine(report)], paint),
    conclusion(report, paint),
  ];
  const lines = sections
    .filter((text) => text !== "")
    .join("\n\n")
    .split("\n");
  return `${lines.flatMap((line) => wrapped(line, width)).join("\n")}\n`;
}

function heading(report: RehearsalReport, paint: Paint): string {
  const what =
    report.source === "changesets"
      ? "the pending changesets"
      : "no changeset is pending: a snapshot of what changed since the last release";
  return `${paint("bold", "Rehearsal")} of ${report.commit.slice(0, 10)}, ${what}`;
}

function section(title: string, lines: readonly string[], paint: Paint): string {
  if (lines.length === 0) return "";
  return [paint("bold", title), ...lines.map((line) => `  ${line}`)].join("\n");
}

function bumpLines(report: RehearsalReport, paint: Paint): string[] {
  const rows = report.bumps.map((bump) => [
    bump.package,
    `${bump.from} -> ${bump.to}`,
    bump.bump,
    paint("dim", reasonsText(bump.because)),
  ]);
  return columns(rows);
}

const REASONS_NAMED_MAX = 2;

function reasonsText(because: readonly string[]): string {
  const named = because.slice(0, REASONS_NAMED_MAX).join("; ");
  const more = because.length - REASONS_NAMED_MAX;
  return more > 0 ? `${named}; and ${more} more` : named;
}

function buildLines(report: RehearsalReport): string[] {
  const ran = report.tasks.filter((task) => task.cache !== "hit" && task.status === "ok");
  const hits = report.tasks.filter((task) => task.cache === "hit");
  const bad = report.tasks.filter((task) => task.status !== "ok");
  if (report.tasks.length === 0) return ["nothing to build"];
  const lines = [`${plural(report.tasks.length, "task")}: ${ran.length} ran, ${hits.length} from the cache`];
  if (ran.length > 0) lines.push(ranLine(ran));
  if (bad.length > 0) lines.push(`not done: ${bad.map((task) => `${task.id} (${task.status})`).join(", ")}`);
  return lines;
}

const SLOWEST_NAMED_MAX = 5;

function ranLine(ran: RehearsalReport["tasks"]): string {
  const slowest = ran.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST_NAMED_MAX);
  const named = slowest.map((task) => `${task.id} (${durationText(task.durationMs)})`).join(", ");
  return `${ran.length > slowest.length ? "slowest: " : "ran: "}${named}`;
}

function sealedLines(report: RehearsalReport, paint: Paint): string[] {
  const rows = report.packages.map((item) => [
    `${item.name}@${item.version}`,
    plural(item.files, "file"),
    sizeText(item.sizeBytes),
    paint("dim", `${item.integrity.slice(0, 19)}…`),
  ]);
  return columns(rows);
}

const marks = { pass: "✓", warn: "!", fail: "✗", skipped: "-" } as const;
const colors = { pass: "green", warn: "yellow", fail: "red", skipped: "dim" } as const;

/** One line a gate; below it only what somebody has to read. */
function gateLines(report: RehearsalReport, paint: Paint): string[] {
  const gates = [...new Set(report.verdicts.map((verdict) => verdict.gate))];
  return gates.flatMap((gate) => {
    const verdicts = report.verdicts.filter((verdict) => verdict.gate === gate);
    const worst =
      (["fail", "warn", "pass", "skipped"] as const).find((kind) =>
        verdicts.some((verdict) => verdict.verdict === kind),
      ) ?? "skipped";
    const line = `${paint(colors[worst], marks[worst])} ${gate.padEnd(22)} ${tally(verdicts)}`;
    return [line, ...findingLines(verdicts, paint)];
  });
}

function tally(verdicts: readonly RehearsedVerdict[]): string {
  const words = { pass: "pass", warn: "warn", fail: "fail", skipped: "skipped" } as const;
  const counts = (Object.keys(words) as (keyof typeof words)[]).map((kind) => ({
    kind,
    count: verdicts.filter((verdict) => verdict.verdict === kind).length,
  }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${words[kind]}`)
    .join(", ");
}

/** The same sentence about many packages is one line that counts them. */
function findingLines(verdicts: readonly RehearsedVerdict[], paint: Paint): string[] {
  const about = new Map<string, { verdict: RehearsedVerdict["verdict"]; packages: string[] }>();
  for (const verdict of verdicts) {
    if (verdict.verdict === "pass") continue;
    for (const sentence of verdict.sentences) {
      const entry = about.get(sentence) ?? { verdict: verdict.verdict, packages: [] };
      entry.packages.push(verdict.package);
      about.set(sentence, entry);
    }
  }
  return [...about].map(([sentence, { verdict, packages }]) => {
    const [first = "", ...others] = packages;
    const who = others.length === 0 ? first : `${first} and ${others.length} more`;
    return `    ${paint(colors[verdict], `${who}: ${sentence}`)}`;
  });
}

function publishedLines(report: RehearsalReport, paint: Paint): string[] {
  const tags = new Map(report.promoted.map((tag) => [tag.package, tag]));
  const rows = report.published.map((name, at) => {
    const tag = tags.get(name);
    const moved = tag ? `${tag.tag}: ${tag.from ?? "new"} -> ${tag.to}` : paint("dim", "no tag moved");
    return [`${at + 1}.`, name, moved];
  });
  return columns(rows);
}

function consumerLines(report: RehearsalReport, paint: Paint): string[] {
  return report.consumers.map((consumer) => {
    const mark = consumer.ok ? paint("green", marks.pass) : paint("red", marks.fail);
    return `${mark} ${consumer.package}@${consumer.version}: ${consumer.sentence}`;
  });
}

function phaseLine(report: RehearsalReport): string {
  const total = report.phases.reduce((sum, phase) => sum + phase.durationMs, 0);
  const parts = report.phases.map((phase) => `${phase.name} ${durationText(phase.durationMs)}`);
  return `${durationText(total)}: ${parts.join(" · ")}`;
}

function conclusion(report: RehearsalReport, paint: Paint): string {
  const untouched = "Nothing outside the scratch folder was touched.";
  if (report.ok && report.published.length === 0) return `There is nothing to release. ${untouched}`;
  if (report.ok) return paint("green", `This release would go out as planned. ${untouched}`);
  return paint("red", `This release would not go out: ${obstacle(report)}. ${untouched}`);
}

function obstacle({ verdicts, consumers }: RehearsalReport): string {
  const against = verdicts.filter(({ verdict }) => verdict === "fail").length;
  if (against > 0) return `${plural(against, "gate verdict")} against it`;
  const unusable = consumers.filter(({ ok }) => !ok).length;
  return unusable > 0
    ? `${plural(unusable, "package")} could not be used by a consumer`
    : "it did not come to its end";
}
