import { positionAt, type Checked, type Problem, type RelativePath } from "@slipway/kernel";
import type { Bump, Changeset } from "./types.ts";

export interface ChangesetText {
  readonly path: RelativePath;
  readonly text: string;
}

const BUMPS: readonly string[] = ["major", "minor", "patch", "none"];

/** Source: @changesets/parse: what stands before the first fence is ignored, the second one ends the front matter. */
const FENCED = /^\s*---([^]*?)\r?\n\s*---(\s*(?:\n|$)[^]*)/;
/** One release as Changesets itself writes it, or by hand without quotes; all else is left to the YAML parser. */
const PLAIN_RELEASE =
  /^(?:"([^"\\]+)"|'([^'\\]+)'|([a-zA-Z][\w./-]*))[ \t]*:[ \t]+(?:"([a-z]+)"|'([a-z]+)'|([a-z]+))[ \t]*$/;
const YAML_WORDS = /^(?:null|true|false|yes|no|on|off)$/i;

/** Reads one file of `.changeset`. Everything that is wrong in it is reported, with its line. */
export async function readChangeset(file: ChangesetText): Promise<Checked<Changeset>> {
  const id = file.path.replace(/^\.changeset\//, "").replace(/\.md$/, "");
  const conflict = /^<{7} .*$/m.exec(file.text);
  if (conflict) return broken(file, conflict.index, "holds the markers of an unsolved merge conflict");
  if (file.text.trim() === "") return broken(file, 0, "is empty");
  const fenced = FENCED.exec(file.text);
  if (!fenced) return broken(file, 0, 'has no front matter between two lines of "---"');
  const front = fenced[1] ?? "";
  const frontStart = fenced[0].indexOf("---") + 3;
  const summary = (fenced[2] ?? "").trim();
  const plain = plainReleases(front);
  if (plain) return checked({ id, summary, releases: [] }, plain, { file, frontStart, front });
  return readWithYaml({ id, summary, releases: [] }, { file, frontStart, front });
}

interface FrontMatter {
  readonly file: ChangesetText;
  readonly front: string;
  readonly frontStart: number;
}

/** Names and types as written; null when the front matter is more than plain lines. */
function plainReleases(front: string): readonly (readonly [string, unknown])[] | null {
  const releases: (readonly [string, string])[] = [];
  for (const line of front.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const match = PLAIN_RELEASE.exec(line);
    const name = match?.[1] ?? match?.[2] ?? match?.[3];
    const type = match?.[4] ?? match?.[5] ?? match?.[6];
    const doubtful = match?.[3] !== undefined && YAML_WORDS.test(match[3]);
    if (name === undefined || type === undefined || doubtful) return null;
    releases.push([name, type]);
  }
  return releases;
}

async function readWithYaml(changeset: Changeset, front: FrontMatter): Promise<Checked<Changeset>> {
  const { parse, YAMLParseError } = await import("../yaml.ts");
  let value: unknown;
  try {
    value = parse(front.front, { maxAliasCount: 0 });
  } catch (error) {
    const at = error instanceof YAMLParseError ? error.pos[0] : 0;
    const [said = ""] = error instanceof Error ? error.message.split("\n") : [];
    // Where it stands in the front matter alone would only mislead.
    const reason = said.replace(/ at line \d+, column \d+:?$/, "");
    return broken(front.file, front.frontStart + at, `has front matter that is not YAML: ${reason}`);
  }
  if (value === null || value === undefined) return checked(changeset, [], front);
  if (typeof value !== "object" || Array.isArray(value)) {
    return broken(
      front.file,
      front.frontStart,
      "must map package names to bumps, one a line, in its front matter",
    );
  }
  return checked(changeset, Object.entries(value), front);
}

function checked(
  changeset: Changeset,
  entries: readonly (readonly [string, unknown])[],
  front: FrontMatter,
): Checked<Changeset> {
  const problems: Problem[] = [];
  const releases: { name: string; type: Bump }[] = [];
  for (const [name, type] of entries) {
    const at = front.frontStart + offsetOf(name, front.front);
    if (name.trim() === "") problems.push(problem(front.file, at, "has an empty package name"));
    else if (typeof type !== "string" || !BUMPS.includes(type)) {
      const got = typeof type === "string" ? `"${type}"` : JSON.stringify(type);
      problems.push(
        problem(front.file, at, `gives "${name}" the bump ${got}; it must be major, minor, patch or none`),
      );
    } else if (releases.some((each) => each.name === name)) {
      const again = front.frontStart + offsetOf(name, front.front, 1);
      problems.push(problem(front.file, again, `names "${name}" more than once; each package has one line`));
    } else releases.push({ name, type: type as Bump });
  }
  if (problems.length > 0) return { ok: false, problems, warnings: [] };
  const lines = releases.map(({ name }) => {
    const offset = front.frontStart + offsetOf(name, front.front);
    return [name, positionAt(front.file.text, offset).line] as const;
  });
  return { ok: true, value: { ...changeset, releases, lines: Object.fromEntries(lines) }, warnings: [] };
}

/** Where a key stands; the start of the front matter when it is not written plainly. */
function offsetOf(name: string, front: string, skipped = 0): number {
  let offset = 0;
  let found = 0;
  for (const line of front.split("\n")) {
    const rest = line.trimStart().replace(/^["']/, "");
    const isKey = rest.startsWith(name) && /^["']?\s*:/.test(rest.slice(name.length));
    if (isKey && found++ === skipped) return offset + line.length - line.trimStart().length;
    offset += line.length + 1;
  }
  return 0;
}

function broken(file: ChangesetText, offset: number, what: string): Checked<Changeset> {
  return { ok: false, problems: [problem(file, offset, what)], warnings: [] };
}

function problem(file: ChangesetText, offset: number, what: string): Problem {
  return {
    code: "changeset/malformed",
    message: `the changeset ${what}`,
    file: file.path,
    ...positionAt(file.text, offset),
    hint: 'a changeset starts with lines like: --- / "package-name": patch / ---, and its summary follows',
  };
}
