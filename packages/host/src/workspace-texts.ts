import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, type Dirent } from "node:fs";
import picomatch from "picomatch";

/** Where packages are, as root-relative globs without braces or trailing slashes. */
export interface PackagePatterns {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** True: every project.json makes its directory a project too. */
  readonly projectFiles: boolean;
}

export interface TextsOnDisk {
  /** By root-relative path. */
  readonly files: Map<string, string>;
  /** Entries of every directory that was looked into, by root-relative path. */
  readonly listed: ReadonlyMap<string, readonly Dirent[]>;
  /** Those of them whose subdirectories counted. */
  readonly expanded: ReadonlySet<string>;
  /** Files that are there but could not be read, with the system's code. */
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
}

/** Reads those of the named files that stand in a directory. */
export function readTexts(root: string, names: readonly string[]): TextsOnDisk {
  const reading = newReading(root);
  readNamed(reading, "", new Set(names));
  return reading;
}

/** Reads the named files of every package directory that the patterns choose, the root's excepted. */
export function readPackageTexts(
  root: string,
  patterns: PackagePatterns,
  names: readonly string[],
): TextsOnDisk {
  const reading = newReading(root);
  const wanted = new Set(names);
  const excluded = patterns.exclude.map((glob) =>
    picomatch(glob === "" ? "package.json" : `${glob}/package.json`),
  );
  const isExcluded = (dir: string): boolean => excluded.some((matches) => matches(`${dir}/package.json`));
  const dirs = new Set<string>();
  for (const pattern of patterns.include) {
    for (const dir of expand(reading, pattern)) if (!isExcluded(dir)) dirs.add(dir);
  }
  if (patterns.projectFiles) for (const dir of projectDirs(reading)) dirs.add(dir);
  dirs.delete("");
  for (const dir of dirs) readNamed(reading, dir, wanted);
  return reading;
}

interface Reading extends TextsOnDisk {
  readonly root: string;
  readonly unreadable: { path: string; code: string }[];
  readonly listed: Map<string, readonly Dirent[]>;
  readonly expanded: Set<string>;
}

function newReading(root: string): Reading {
  return { root, files: new Map(), unreadable: [], listed: new Map(), expanded: new Set() };
}

function readNamed(reading: Reading, dir: string, names: ReadonlySet<string>): void {
  const [only] = names;
  if (only !== undefined && names.size === 1 && !reading.listed.has(dir)) return readOnly(reading, dir, only);
  for (const entry of list(reading, dir)) {
    if (!names.has(entry.name) || entry.isDirectory()) continue;
    const path = dir === "" ? entry.name : `${dir}/${entry.name}`;
    try {
      reading.files.set(
        path,
        entry.name === "bun.lockb" ? "" : readFileSync(`${reading.root}/${path}`, "utf8"),
      );
    } catch (error) {
      reading.unreadable.push({ path, code: (error as NodeJS.ErrnoException).code ?? "EIO" });
    }
  }
}

/** To read one file that is nearly always there is less than half the work of listing its directory before. */
function readOnly(reading: Reading, dir: string, name: string): void {
  const path = dir === "" ? name : `${dir}/${name}`;
  const file = `${reading.root}/${path}`;
  try {
    reading.files.set(path, readFileSync(file, "utf8"));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "EIO";
    if (code === "EISDIR" || code === "ENOTDIR") return;
    // A link that leads nowhere is there, and can't be read.
    if (code === "ENOENT" && !lstatSync(file, { throwIfNoEntry: false })) return;
    reading.unreadable.push({ path, code });
  }
}

/** Entries of a directory; none when it is not there or not readable: a pattern may well name what does not exist. */
function list(reading: Reading, dir: string): readonly Dirent[] {
  const known = reading.listed.get(dir);
  if (known) return known;
  let entries: readonly Dirent[] = [];
  try {
    entries = readdirSync(dir === "" ? reading.root : `${reading.root}/${dir}`, { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "EIO";
    if (code !== "ENOENT" && code !== "ENOTDIR") reading.unreadable.push({ path: dir, code });
  }
  reading.listed.set(dir, entries);
  return entries;
}

/** Directories that a glob names, segment by segment, so that nothing outside it is read. */
function expand(reading: Reading, pattern: string): Set<string> {
  let dirs = new Set([""]);
  for (const segment of pattern === "" ? [] : pattern.split("/")) {
    const next = new Set<string>();
    for (const dir of dirs) {
      for (const found of step(reading, dir, segment)) next.add(found);
    }
    dirs = next;
  }
  return dirs;
}

function step(reading: Reading, dir: string, segment: string): Iterable<string> {
  const prefix = dir === "" ? "" : `${dir}/`;
  if (segment === "**") return descendants(reading, dir);
  if (!/[*?[\]()!+@]/.test(segment)) return [`${prefix}${segment}`];
  const matches = picomatch(segment);
  reading.expanded.add(dir);
  return list(reading, dir)
    .filter((entry) => matches(entry.name) && isPackageDir(entry))
    .map((entry) => `${prefix}${entry.name}`);
}

function descendants(reading: Reading, dir: string): Set<string> {
  const found = new Set([dir]);
  for (const each of found) {
    reading.expanded.add(each);
    for (const entry of list(reading, each)) {
      if (entry.isDirectory() && isPackageDir(entry) && !entry.name.startsWith(".")) {
        found.add(each === "" ? entry.name : `${each}/${entry.name}`);
      }
    }
  }
  return found;
}

/** A symbolic link may lead to a package; what it leads to shows when its files are read. */
function isPackageDir(entry: Dirent): boolean {
  if (entry.name === "node_modules" || entry.name === "bower_components" || entry.name === ".git")
    return false;
  return entry.isDirectory() || entry.isSymbolicLink();
}

/** Directories with a project.json that neither git nor .nxignore ignores; without git, all but those of installed packages. */
function projectDirs(reading: Reading): string[] {
  let paths: string[];
  try {
    const args = [
      "ls-files",
      "-z",
      "--cached",
      "--others",
      "--exclude-standard",
      "--",
      ":(glob)**/project.json",
    ];
    paths = execFileSync("git", ["-c", "core.fsmonitor=false", ...args], {
      cwd: reading.root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 64 * 1024 * 1024,
    }).split("\0");
  } catch {
    paths = [...descendants(reading, "")]
      .filter((dir) => list(reading, dir).some((entry) => entry.name === "project.json"))
      .map((dir) => `${dir}/project.json`);
  }
  const projects = paths.filter((path) => path.endsWith("/project.json"));
  const ignored = nxIgnored(reading.root, projects);
  return projects.filter((path) => !ignored.has(path)).map((path) => path.slice(0, -"/project.json".length));
}

/** .nxignore has .gitignore's syntax, so git judges by it; tracked files too, as nx does. */
function nxIgnored(root: string, paths: readonly string[]): ReadonlySet<string> {
  if (paths.length === 0 || !existsSync(`${root}/.nxignore`)) return new Set();
  const settings = ["-c", "core.fsmonitor=false", "-c", `core.excludesFile=${root}/.nxignore`];
  // It ends with 1 when nothing is ignored.
  const answer = spawnSync("git", [...settings, "check-ignore", "--no-index", "-z", "--stdin"], {
    cwd: root,
    input: paths.join("\0"),
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
  return new Set(answer.stdout?.split("\0"));
}
