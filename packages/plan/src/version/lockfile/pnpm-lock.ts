import type { EditedLockfile, LockfileChanges } from "./lockfile-changes.ts";

/** Lines of this depth hold values and begin nothing. */
const DEEPEST = " ".repeat(8);

/** Where in the file a scan stands; pnpm writes the same indentation always. */
interface Place {
  readonly importer: string;
  readonly field: string;
  readonly name: string;
}

/**
 * `importers: DIR: FIELD: NAME: specifier: RANGE` since lockfile version 6; before, `importers: DIR: specifiers: NAME:
 * RANGE`. What is linked to the workspace stays linked. Line by line, since a YAML writer would give other bytes.
 */
export function editPnpmLock(text: string, { manifests, catalogs }: LockfileChanges): EditedLockfile {
  const wanted = new Map<string, string>();
  for (const { dir, changes } of manifests) {
    for (const { keys, from, value } of changes) {
      const [, name] = keys;
      if (name === undefined) continue;
      wanted.set(`${dir || "."}\0${name}\0${from}`, value);
    }
  }
  const unresolved: string[] = [];
  const lines = text.split("\n");
  let place: Place = { importer: "", field: "", name: "" };
  let edited = false;
  let top = "";
  for (const [at, line] of lines.entries()) {
    const section = line.startsWith(" ") ? undefined : /^(\w+):/.exec(line)?.[1];
    if (section !== undefined && top === "importers") break;
    if (section !== undefined) {
      top = section;
      place = { importer: "", field: "", name: "" };
    }
    if (!line.startsWith(DEEPEST)) place = placeAfter(line, place);
    if (top === "catalogs") {
      lines[at] = catalogLine(line, place, catalogs);
      continue;
    }
    const specifier = line.includes("specifier: ")
      ? /^(\s+specifier: )(.+)$/.exec(line)
      : oldSpecifier(line, place);
    if (specifier) {
      const value = wanted.get(`${place.importer}\0${place.name}\0${unquoted(specifier[2] ?? "")}`);
      edited = value !== undefined;
      if (value !== undefined) lines[at] = `${specifier[1]}${quoted(value)}`;
    }
    const version = edited ? /^\s+version: (.+)$/.exec(line)?.[1] : undefined;
    if (version !== undefined && !/^(?:link|file):/.test(unquoted(version)))
      unresolved.push(`${place.name} in ${place.importer}`);
  }
  return { text: lines.join("\n"), unresolved };
}

/** `catalogs: CATALOG: NAME:` has the range twice where it is linked to the workspace. */
function catalogLine(line: string, place: Place, catalogs: LockfileChanges["catalogs"]): string {
  const match = /^( {6}(?:specifier|version): )(.+)$/.exec(line);
  const change = catalogs.find((each) => each.catalog === place.importer && each.package === place.field);
  const fits = match && change && unquoted(match[2] ?? "") === change.from;
  return fits ? `${match[1]}${quoted(change.value)}` : line;
}

function placeAfter(line: string, place: Place): Place {
  const key = /^( {2}| {4}| {6})(?! )(.+?):(?: .*)?$/.exec(line);
  if (!key) return place;
  const name = unquoted(key[2] ?? "");
  const depth = key[1]?.length;
  if (depth === 2) return { importer: name, field: "", name: "" };
  return depth === 4 ? { ...place, field: name, name: "" } : { ...place, name };
}

function oldSpecifier(line: string, place: Place): RegExpExecArray | null {
  return place.field === "specifiers" ? /^( {6}\S+: )(.+)$/.exec(line) : null;
}

function unquoted(text: string): string {
  return text.replace(/^(['"])(.*)\1$/, "$2");
}

/** As js-yaml quotes a range: only where its first character means something in YAML. */
function quoted(range: string): string {
  return /^[\w^~./]/.test(range) &&
    !/: |\s#|:$/.test(range) &&
    !/^[\d.]+(?:e\d+)?$/.test(range.replace(/\.\d+\./, "x"))
    ? range
    : `'${range}'`;
}
