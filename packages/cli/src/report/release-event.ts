import type { ReleaseEvent } from "@slipway/release";
import { durationText, plural } from "./text.ts";

/** One line for what a release did; null for what only machines want to know. */
export function releaseEventText(event: ReleaseEvent): string | null {
  switch (event.type) {
    case "release-started":
      return event.resumed ? `release ${event.release} goes on where it was left` : null;
    case "uploaded":
      return `${event.staged ? "staged" : "uploaded"} ${event.package}@${event.version}${event.outcome === "already-ours" ? ", which was there already" : ""}`;
    case "failed":
      return `${event.step} of ${event.package === "" ? "the batch" : `${event.package}@${event.version}`} failed (${event.outcome}): ${event.message}`;
    case "parked":
      return `${event.package}@${event.version} waits for ${event.waitsFor}`;
    case "waiting":
      return `waiting ${durationText(event.durationMs)}: ${event.message}${budgetText(event)}`;
    case "confirmed":
      return null;
    case "promoted":
      if (event.outcome === "already-ours")
        return `${event.package}: ${event.tag} is ${event.version} already`;
      return `${event.package}: ${event.tag} moved from ${event.from ?? "nothing"} to ${event.version}`;
    case "git-tagged":
      return event.already ? `${event.tag} is tagged already` : `tagged ${event.tag}`;
    case "staged":
      return `${plural(event.packages.length, "package")} staged, waiting for approval`;
    case "release-ended":
      return null;
  }
}

function budgetText({ leftMs }: { readonly leftMs?: number }): string {
  return leftMs === undefined ? "" : `; ${durationText(leftMs)} are left of the batch's time to show itself`;
}
