import { versionFits } from "./own-rules/channel-version.ts";
import type { Bump } from "./types.ts";

export interface PrereleaseLines {
  readonly type: Exclude<Bump, "none">;
  /** Oldest first, as they stand in the changelog, without the dash and the indentation of their item. */
  readonly lines: readonly string[];
}

const titles = new Map<string, PrereleaseLines["type"]>([
  ["Major Changes", "major"],
  ["Minor Changes", "minor"],
  ["Patch Changes", "patch"],
]);

/**
 * What the prereleases since the last release told in a changelog. A release that no bump of its kind leads to is not
 * made greater than it is: such lines are told as a patch.
 *
 * @param version the newest prerelease
 */
export function prereleaseLines(changelog: string, version: string): readonly PrereleaseLines[] {
  const byType = new Map<PrereleaseLines["type"], Set<string>>();
  for (const { title, lines } of sectionsSinceRelease(changelog.replaceAll("\r\n", "\n"))) {
    const told = titles.get(title);
    if (told === undefined) continue;
    const type = versionFits(version, told) ? told : "patch";
    byType.set(type, new Set([...(byType.get(type) ?? []), ...lines]));
  }
  return (["major", "minor", "patch"] as const).flatMap((type) => {
    const lines = [...(byType.get(type) ?? [])];
    return lines.length > 0 ? [{ type, lines }] : [];
  });
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

function sectionsSinceRelease(changelog: string): readonly Section[] {
  const entries = changelog.split(/^## (?=\d+\.\d+\.\d+)/m).slice(1);
  const release = entries.findIndex((entry) => !/^\d+\.\d+\.\d+-/.test(entry));
  return (release === -1 ? entries : entries.slice(0, release)).toReversed().flatMap(sectionsOf);
}

function sectionsOf(entry: string): readonly Section[] {
  return entry
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [title = "", ...rest] = section.split("\n");
      return { title: title.trim(), lines: itemsOf(rest.join("\n")) };
    });
}

/** What the release's own entry says about dependencies is made anew. */
function itemsOf(list: string): readonly string[] {
  return list
    .split(/^[-*] /m)
    .slice(1)
    .map((item) => item.replaceAll(/^ {2}/gm, "").trim())
    .filter((item) => item !== "" && !item.startsWith("Updated dependencies"));
}
