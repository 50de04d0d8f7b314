import type { GateResult } from "@slipway/gates";
import type { ReleasePhase, ReleaseStory } from "../journeys/release/request.ts";
import { buildTeller } from "./build-story.ts";
import { verdictTexts } from "./finding.ts";
import type { Paint } from "./paint.ts";
import { releaseEventText } from "./release-event.ts";
import { plural } from "./text.ts";

/** The lines that tell of a release on stderr; a task's output is kept until the task fails. */
export function releaseTeller(paint: Paint): (story: ReleaseStory) => readonly string[] {
  const build = buildTeller(paint);
  return (story) => {
    switch (story.type) {
      case "planned":
        return [];
      case "phase":
        return [`${paint("cyan", "·")} ${phaseText(story.phase, story.count)}`];
      case "note":
        return [`${paint("yellow", "!")} ${story.text}`];
      case "build":
        return build(story.event);
      case "gate":
        return gateLines(story.result, paint);
      case "release": {
        const text = releaseEventText(story.event);
        return text === null ? [] : [`  ${text}`];
      }
    }
  };
}

function phaseText(phase: ReleasePhase, count: number): string {
  switch (phase) {
    case "install":
      return "install the dependencies, which are missing";
    case "build":
      return `build ${plural(count, "package")}`;
    case "seal":
      return `seal ${plural(count, "package")}`;
    case "adopt":
      return `adopt ${plural(count, "package")} that this batch uploaded before`;
    case "stage":
      return `stage ${plural(count, "package")} on an embedded registry`;
    case "gates":
      return `judge ${plural(count, "package")}`;
    case "publish":
      return `publish ${plural(count, "package")}`;
  }
}

function gateLines({ package: name, version, gate, verdict }: GateResult, paint: Paint): string[] {
  if (verdict.outcome !== "warn" && verdict.outcome !== "fail") return [];
  const mark = verdict.outcome === "fail" ? paint("red", "✗") : paint("yellow", "!");
  return verdictTexts(verdict).map((text) => `  ${mark} ${name}@${version}: ${gate}: ${text}`);
}
