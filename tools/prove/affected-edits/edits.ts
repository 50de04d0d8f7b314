import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** A work tree that is edited, and the dice. */
export interface Edited {
  /** Absolute. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** A whole number below `below`. */
  readonly roll: (below: number) => number;
}

export function git({ dir, env }: Edited, ...args: readonly string[]): string {
  return spawnSync("git", args, { cwd: dir, env, encoding: "utf8" }).stdout.trim();
}

function one<T>({ roll }: Edited, all: readonly T[]): T | undefined {
  return all[roll(all.length)];
}

function below(dir: string, wanted: "file" | "dir", prefix = ""): string[] {
  return readdirSync(join(dir, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.name === ".git") return [];
    if (!entry.isDirectory()) return wanted === "file" ? [path] : [];
    return [...(wanted === "dir" ? [path] : []), ...below(dir, wanted, path)];
  });
}

function file(place: Edited): string {
  return join(place.dir, one(place, below(place.dir, "file")) ?? "package.json");
}

function folder(place: Edited): string {
  return join(place.dir, one(place, ["", ...below(place.dir, "dir")]) ?? "");
}

/** Few, so that they come and go and come again. */
function name(place: Edited): string {
  return one(place, ["new.ts", "a.log", "keep.log", "sub", "dist", "x y", "ä", "out", "deep"]) ?? "new.ts";
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && lstatSync(path).isDirectory()) return;
  writeFileSync(path, text);
}

const rules = [
  "*.log",
  "!keep.log",
  "sub/",
  "/out",
  "dist/*",
  "!dist",
  "deep/**",
  "# nothing",
  "x y",
  "*.ts",
];

type Edit = (place: Edited) => void;

/** What people and programs do to a work tree. What one of them refuses is left undone. */
export const edits: Readonly<Record<string, Edit>> = {
  nothing: () => {},
  "a file changes": (place) => appendFileSync(file(place), "// more\n"),
  "a file changes, and its time does not": (place) => {
    const path = file(place);
    const { atime, mtime } = lstatSync(path);
    writeFileSync(path, readFileSync(path, "utf8").replace(/.$/m, "#"));
    utimesSync(path, atime, mtime);
  },
  "a file is touched": (place) => utimesSync(file(place), new Date(), new Date()),
  "a file becomes executable": (place) => chmodSync(file(place), place.roll(2) === 0 ? 0o755 : 0o644),
  "a file comes": (place) => write(join(folder(place), name(place)), `${place.roll(1000)}`),
  "a file comes deep down": (place) => write(join(folder(place), name(place), "in", name(place)), ""),
  "a directory comes": (place) => mkdirSync(join(folder(place), name(place)), { recursive: true }),
  "a file goes": (place) => rmSync(file(place)),
  "a directory goes": (place) => {
    const path = folder(place);
    if (path !== join(place.dir, "") && !path.endsWith("packages")) rmSync(path, { recursive: true });
  },
  "a directory moves": (place) => renameSync(folder(place), join(folder(place), name(place))),
  "a file moves": (place) => renameSync(file(place), join(folder(place), name(place))),
  "a file takes a directory's place": (place) => {
    const path = join(folder(place), name(place));
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, "");
  },
  "a link comes": (place) => symlinkSync(folder(place), join(folder(place), name(place))),
  "a rule comes": (place) => appendFileSync(join(folder(place), ".gitignore"), `${one(place, rules)}\n`),
  "a rule file goes": (place) => rmSync(join(folder(place), ".gitignore")),
  "a rule comes that is not shared": (place) =>
    write(join(place.dir, ".git/info/exclude"), `${one(place, rules)}\n`),
  "a rule of the user comes": (place) => write(join(place.dir, "../ignore"), `${one(place, rules)}\n`),
  "the user has rules": (place) => void git(place, "config", "core.excludesFile", "../../ignore"),
  "the user has none": (place) => void git(place, "config", "--unset", "core.excludesFile"),
  "a package comes": (place) => {
    const own = `packages/p${place.roll(4)}`;
    write(join(place.dir, own, "package.json"), manifest(own.slice(-2), place.roll(3)));
  },
  "a package gets rules of its own": (place) =>
    write(
      join(place.dir, `packages/p${place.roll(3)}/turbo.json`),
      '{ "extends": ["//"], "tasks": { "build": { "inputs": ["$TURBO_ROOT$/tools/**"] } } }',
    ),
  "another repository comes": (place) => {
    const path = join(folder(place), "nested");
    mkdirSync(path, { recursive: true });
    git({ ...place, dir: path }, "init", "-q");
  },
  "the other repository goes": (place) => {
    for (const dir of below(place.dir, "dir"))
      if (dir.endsWith("nested")) rmSync(join(place.dir, dir), { recursive: true, force: true });
  },
  "all is added": (place) => void git(place, "add", "-A"),
  "one is added": (place) => void git(place, "add", "--", file(place)),
  "an ignored one is added": (place) => void git(place, "add", "-f", "--", file(place)),
  "one is to be added": (place) => void git(place, "add", "-N", "--", file(place)),
  "one is left out again": (place) => void git(place, "rm", "-q", "--cached", "--", file(place)),
  "all is committed": (place) => commit(place),
  "what is added is committed": (place) => void git(place, "commit", "-qm", "Some"),
  "git looks": (place) => void git(place, "status"),
  "one is assumed unchanged": (place) =>
    void git(place, "update-index", "--assume-unchanged", "--", file(place)),
  "one is skipped": (place) => void git(place, "update-index", "--skip-worktree", "--", file(place)),
  "the index is thrown away": (place) => void git(place, "reset", "-q"),
  "all is as it was": (place) => void git(place, "reset", "-q", "--hard"),
  "a branch begins": (place) => void git(place, "checkout", "-q", "-B", branch(place)),
  "another branch": (place) => void git(place, "checkout", "-q", "-f", branch(place)),
  "no branch": (place) => void git(place, "checkout", "-q", "--detach", "HEAD~1"),
  "a merge": (place) => void git(place, "merge", "-q", "-m", "Merge", branch(place)),
  "a merge is given up": (place) => void git(place, "merge", "--abort"),
  "a tag with the name of a branch": (place) => void git(place, "tag", "-f", branch(place)),
  "tags go": (place) => void git(place, "tag", "-d", "main", "one", "two/three"),
  "refs are packed": (place) => void git(place, "pack-refs", "--all"),
  "a remote has a branch": (place) =>
    void git(place, "update-ref", `refs/remotes/origin/${branch(place)}`, "HEAD"),
  "the remote has a default": (place) =>
    void git(place, "symbolic-ref", "refs/remotes/origin/HEAD", `refs/remotes/origin/${branch(place)}`),
  "a commit is replaced": (place) => void git(place, "replace", "-f", "HEAD", "HEAD~1"),
  "none is replaced": (place) => {
    for (const each of git(place, "replace", "-l").split("\n")) git(place, "replace", "-d", each);
  },
  "the index is split": (place) => void git(place, "update-index", "--split-index"),
  "the index is one": (place) => void git(place, "update-index", "--no-split-index"),
};

function branch(place: Edited): string {
  return one(place, ["main", "one", "two/three"]) ?? "main";
}

export function commit(place: Edited): void {
  git(place, "add", "-A");
  git(place, "commit", "-qm", "All");
}

export function manifest(own: string, need: number): string {
  const dependencies = own === `p${need}` ? {} : { [`p${need}`]: "workspace:*" };
  return JSON.stringify({ name: own, version: "1.0.0", scripts: { build: "true" }, dependencies });
}
