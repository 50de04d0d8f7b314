import type { PackageName, RelativePath } from "@slipway/kernel";
import type { ManifestChange } from "../types.ts";
import type { EditedLockfile, LockfileChanges } from "./lockfile-changes.ts";

/** One entry: its key line, and the lines below it. */
interface Entry {
  readonly descriptors: readonly string[];
  readonly lines: string[];
}

/**
 * Each workspace package has an entry with its ranges; and the key of an entry lists every range by which anybody asks
 * for that package, sorted. Source: Project.generateLockfile and stringifySyml of Yarn 4.
 */
export function editBerryLock(text: string, { manifests, dirs }: LockfileChanges): EditedLockfile {
  const entries = text.split("\n\n").map(entryOf);
  const written = new Set<string>();
  for (const manifest of manifests) {
    const place = `@workspace:${manifest.dir === "" ? "." : manifest.dir}`;
    const entry = entries.find((each) => each.descriptors.some((descriptor) => descriptor.endsWith(place)));
    if (entry) for (const descriptor of editedRanges(entry, manifest)) written.add(descriptor);
  }
  const used = new Set(entries.flatMap(rangesIn));
  const unresolved: string[] = [];
  const edited = entries.map((entry) => {
    const home = entry.descriptors.find(
      (each) => /@workspace:[^~^*<>=\d]/.test(each) || each.endsWith("@workspace:."),
    );
    const name = home?.slice(0, home.indexOf("@workspace:"));
    if (home === undefined || name === undefined || dirs.get(name) === undefined) return joined(entry);
    const kept = entry.descriptors.filter((each) => each === home || used.has(each));
    const added = [...written].filter((each) => each.startsWith(`${name}@`) && !kept.includes(each));
    return joined({ ...entry, descriptors: [...kept, ...added].toSorted(byCodeUnit) });
  });
  for (const descriptor of written) {
    const name = descriptor.slice(0, descriptor.indexOf("@", 1));
    if (!entries.some((each) => each.descriptors.includes(homeOf(name, dirs.get(name) ?? ""))))
      unresolved.push(descriptor);
  }
  return { text: edited.join("\n\n"), unresolved };
}

function homeOf(name: PackageName, dir: RelativePath): string {
  return `${name}@workspace:${dir === "" ? "." : dir}`;
}

function entryOf(block: string): Entry {
  const lines = block.split("\n");
  const at = lines.findIndex((line) => /^\S.*:$/.test(line) && !line.startsWith("#"));
  const key = lines[at]?.slice(0, -1).replace(/^"(.*)"$/, "$1") ?? "";
  return { descriptors: key.includes("@") ? key.split(", ") : [], lines };
}

function joined({ descriptors, lines }: Entry): string {
  if (descriptors.length === 0) return lines.join("\n");
  const at = lines.findIndex((line) => /^\S.*:$/.test(line) && !line.startsWith("#"));
  return lines.with(at, `${scalar(descriptors.join(", "))}:`).join("\n");
}

/** Writes the new ranges into the entry's lines; returns the descriptors that stand there now. */
function editedRanges(entry: Entry, { changes }: ManifestChange): readonly string[] {
  const written: string[] = [];
  let section = "";
  for (const [at, line] of entry.lines.entries()) {
    section = /^ {2}(\w+):$/.exec(line)?.[1] ?? section;
    const match = dependencyLine(line);
    if (!match || (section !== "dependencies" && section !== "peerDependencies")) continue;
    const peer = section === "peerDependencies";
    const change = changes.find(({ keys, from }) => {
      const [field, name] = keys;
      const sameKind = (field === "peerDependencies") === peer;
      return sameKind && name === match.name && (match.range === from || match.range === `npm:${from}`);
    });
    if (!change) continue;
    const range = match.range.startsWith("npm:") ? `npm:${change.value}` : change.value;
    entry.lines[at] = `    ${scalar(match.name)}: ${scalar(range)}`;
    if (!peer) written.push(`${match.name}@${range}`);
  }
  return written;
}

function rangesIn(entry: Entry): readonly string[] {
  let section = "";
  return entry.lines.flatMap((line) => {
    section = /^ {2}(\w+):$/.exec(line)?.[1] ?? section;
    const match = section === "dependencies" ? dependencyLine(line) : null;
    return match ? [`${match.name}@${match.range}`] : [];
  });
}

function dependencyLine(line: string): { readonly name: string; readonly range: string } | null {
  const match = /^ {4}(?:"([^"]+)"|([^\s"][^:]*)): (?:"(.*)"|(.*))$/.exec(line);
  return match ? { name: match[1] ?? match[2] ?? "", range: match[3] ?? match[4] ?? "" } : null;
}

/** Source: simpleStringPattern in @yarnpkg/parsers. */
function scalar(text: string): string {
  const simple = /^(?![-?:,\][{}#&*!|>'"%@` \t\r\n])([ \t]*(?![,\][{}:# \t\r\n]).)*$/;
  return simple.test(text) ? text : JSON.stringify(text);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
