import { entryTargets, isPacked, isPackedLoosely, type EntryTarget } from "../entry-points.ts";
import type { Finding, Gate } from "../types.ts";

/** Every entry that the manifest opens, under every condition, leads to a file that is packed; types too. */
export const exportsResolve: Gate = {
  name: "exports-resolve",
  consumes: false,
  check: ({ manifest, files }) => {
    const paths = new Set(files.paths);
    const faults: Finding[] = [];
    const remarks: Finding[] = [];
    const targets = entryTargets(manifest);
    for (const each of targets) {
      if (isThere(each, paths)) continue;
      const finding = findingOf(each);
      (isFault(each) ? faults : remarks).push(finding);
    }
    if (targets.length === 0 && !paths.has("index.js") && !manifest["bin"] && !manifest["types"]) {
      remarks.push({ code: "no-entry", args: {} });
    }
    return Promise.resolve({ faults, remarks });
  },
};

/** The older fields are resolved with extensions and folders, `exports` is taken by the letter. */
function isThere({ entry, target }: EntryTarget, paths: ReadonlySet<string>): boolean {
  return entry.startsWith(".") ? isPacked(target, paths) : isPackedLoosely(target, paths);
}

/** An empty pattern opens nothing and harms nobody; so does a condition that only the repository itself sets. */
function isFault({ target, conditions }: EntryTarget): boolean {
  return !target.includes("*") && !conditions.some((condition) => /source|development|^@|:/.test(condition));
}

function findingOf({ entry, conditions, target }: EntryTarget): Finding {
  const code = target.includes("*") ? "pattern-matches-nothing" : "target-missing";
  return { code, args: { entry, conditions: conditions.join("."), target } };
}
