import { readFileSync } from "node:fs";

/** A lockfile, and what a package manager left in node_modules to say what it has put there. */
interface Installed {
  readonly lock: string;
  readonly mark: string;
}

/** How one package manager's mark differs from its lockfile, in words; null when what is there is what the lockfile says. */
type Compare = (installed: Installed) => string | null;

interface Form {
  readonly lockfile: string;
  readonly mark: string;
  readonly compare: Compare;
}

const forms: Readonly<Record<string, readonly Form[]>> = {
  pnpm: [{ lockfile: "pnpm-lock.yaml", mark: "node_modules/.pnpm/lock.yaml", compare: pnpmDifference }],
  npm: ["npm-shrinkwrap.json", "package-lock.json"].map((lockfile) => {
    return { lockfile, mark: "node_modules/.package-lock.json", compare: npmDifference };
  }),
  yarn: [
    { lockfile: "yarn.lock", mark: "node_modules/.yarn-integrity", compare: yarnDifference },
    { lockfile: "yarn.lock", mark: "node_modules/.yarn-state.yml", compare: berryDifference },
  ],
};

export interface OutOfStep {
  /** The name of the lockfile. */
  readonly lockfile: string;
  /** The first difference, as `node_modules has ms@2.1.2, which the lockfile lacks`. */
  readonly difference: string;
}

/**
 * Whether node_modules is what the lockfile says. Judged by the marks that package managers leave; what has none (bun,
 * Yarn's Plug'n'Play, nothing installed) is taken to be in step. What an install left out on purpose is no difference.
 */
export function outOfStep(root: string, manager: string): OutOfStep | null {
  for (const { lockfile, mark, compare } of forms[manager] ?? []) {
    const texts = [lockfile, mark].map((file) => textOf(`${root}/${file}`));
    const [lock, marked] = texts;
    if (typeof lock !== "string" || typeof marked !== "string") continue;
    const difference = lock === marked ? null : compare({ lock, mark: marked });
    return difference === null ? null : { lockfile, difference };
  }
  return null;
}

/** pnpm keeps the lockfile of what it installed. */
function pnpmDifference({ lock, mark }: Installed): string | null {
  const known = new Set(keysIn(section(lock, "packages")));
  const stray = keysIn(section(mark, "packages")).find((key) => !known.has(key));
  if (stray !== undefined) return has(stray.replace(/^\//, ""));
  const importers = blocksIn(section(lock, "importers"));
  for (const [dir, block] of blocksIn(section(mark, "importers"))) {
    const wanted = importers.get(dir);
    if (wanted !== undefined && wanted !== block) return `other versions are installed for ${dir}`;
  }
  return null;
}

function section(text: string, name: string): string {
  return new RegExp(`^${name}:\\n((?:[ \\t].*\\n|\\n)*)`, "m").exec(`${text}\n`)?.[1] ?? "";
}

function keysIn(lines: string): string[] {
  return [...lines.matchAll(/^ {2}(\S.*):(?: \{\})?$/gm)].map(([, key = ""]) => key.replaceAll(/^'|'$/g, ""));
}

/** Of each importer what it has, whatever ranges it was asked for with. */
function blocksIn(lines: string): Map<string, string> {
  const blocks = lines.split(/^(?= {2}\S)/m).filter((block) => block.trim() !== "");
  return new Map(
    blocks.map((block) => {
      const [head = "", ...rest] = block.trimEnd().split("\n");
      return [
        head.trim().replace(/:.*$/, ""),
        rest.filter((line) => !/^\s+specifier:/.test(line)).join("\n"),
      ];
    }),
  );
}

/** npm keeps its lockfile's part for what is there. */
function npmDifference({ lock, mark }: Installed): string | null {
  const wanted = packagesOf(lock);
  // A lockfile of npm 6 has no such part.
  if (Object.keys(wanted).length === 0) return null;
  for (const [path, entry] of Object.entries(packagesOf(mark))) {
    if (!path.includes("node_modules/") || entry.link) continue;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (wanted[path]?.version !== entry.version) return has(`${name}@${entry.version}`);
  }
  return null;
}

interface NpmEntry {
  readonly version?: string;
  readonly link?: boolean;
}

function packagesOf(text: string): Readonly<Record<string, NpmEntry>> {
  try {
    return (JSON.parse(text) as { packages?: Record<string, NpmEntry> }).packages ?? {};
  } catch {
    return {};
  }
}

/** Yarn Classic keeps what each pattern resolved to. */
function yarnDifference({ lock, mark }: Installed): string | null {
  const entries = Object.entries(entriesOf(mark));
  const resolved = new Map<string, string>();
  for (const [, heads = "", body = ""] of lock.matchAll(/^(\S.*):\n((?:[ \t].*\n?)+)/gm)) {
    const to = /^ {2}resolved "([^"]+)"/m.exec(body)?.[1] ?? "";
    for (const head of heads.split(/,\s*/)) resolved.set(head.replaceAll('"', ""), withoutHash(to));
  }
  const stray = entries.find(([pattern, to]) => resolved.get(pattern) !== withoutHash(to));
  return stray ? has(`what ${stray[0]} resolved to`) : null;
}

function entriesOf(text: string): Readonly<Record<string, string>> {
  try {
    return (JSON.parse(text) as { lockfileEntries?: Record<string, string> }).lockfileEntries ?? {};
  } catch {
    return {};
  }
}

function withoutHash(url: string): string {
  return url.replace(/#.*$/, "");
}

/** Yarn keeps the places of every resolution that it has put there. */
function berryDifference({ lock, mark }: Installed): string | null {
  const known = new Set([...lock.matchAll(/^ {2}resolution: "([^"]+)"/gm)].map(([, locator]) => locator));
  for (const [, locator = ""] of mark.matchAll(/^"([^"]+)":$/gm)) {
    const plain = locator.replace(/@virtual:[^#]*#/, "@");
    if (plain.includes("@npm:") && !known.has(plain)) return has(plain.replace("@npm:", "@"));
  }
  return null;
}

function has(what: string): string {
  return `node_modules has ${what}, which the lockfile lacks`;
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
