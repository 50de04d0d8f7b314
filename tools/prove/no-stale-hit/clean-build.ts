import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { packageNames } from "./scripts.ts";

/** Outputs by path: their mode and bytes, or where a link leads. */
export type Made = ReadonlyMap<string, string>;

/** What the build is made of. */
export interface Buildable {
  readonly base: string;
  readonly env: Readonly<Record<string, string>>;
  readonly strays: ReadonlySet<string>;
  path(path: string): string;
  script(name: string): string;
  nested(): readonly string[];
  gitIn(dir: string, args: readonly string[]): string;
}

interface CountingFile {
  readonly mode: number;
  /** Of a link where it leads. */
  readonly text: string;
  readonly isLink: boolean;
}

/** @param known what was made before, by all that decides it */
export function cleanBuild(workspace: Buildable, known: Map<string, Made | null>): Made | null {
  const files = counting(workspace);
  const behind = join(workspace.base, "outside.txt");
  const outside = existsSync(behind) ? readFileSync(behind, "utf8") : null;
  const of = JSON.stringify([[...files], workspace.env, outside]);
  const before = known.get(of);
  if (before !== undefined) return before;
  const made = built(workspace, files);
  known.set(of, made);
  return made;
}

function counting(workspace: Buildable): Map<string, CountingFile> {
  const files = new Map<string, CountingFile>();
  const take = (path: string): void => {
    const stat = lstatSync(workspace.path(path), { throwIfNoEntry: false });
    if (!stat || workspace.strays.has(path)) return;
    // Of a repository whose own one is gone git lists only the directory: all that is in it counts.
    if (stat.isDirectory() && !existsSync(workspace.path(`${path}/.git`)))
      for (const name of readdirSync(workspace.path(path))) take(`${path}/${name}`);
    if (stat.isDirectory()) return;
    if (/^packages\/[^/]+\/made\//.test(path)) return;
    const isLink = stat.isSymbolicLink();
    const text = isLink ? readlinkSync(workspace.path(path)) : readFileSync(workspace.path(path), "utf8");
    files.set(path, { mode: stat.mode & 0o777, text, isLink });
  };
  for (const dir of ["", ...workspace.nested()]) {
    const listed = workspace.gitIn(dir, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    const paths = listed.split("\0").filter(Boolean);
    for (const path of new Set(paths)) take(dir === "" ? path : `${dir}/${path}`);
  }
  // Ignored, and named in the configuration.
  for (const path of [".env.local", ...packageNames.map((name) => `packages/${name}/.env.own`)]) take(path);
  return files;
}

function built(workspace: Buildable, files: ReadonlyMap<string, CountingFile>): Made | null {
  const dir = join(workspace.base, "clean");
  rmSync(dir, { recursive: true, force: true });
  for (const [path, { mode, text, isLink }] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    if (isLink) symlinkSync(text, join(dir, path));
    else writeFileSync(join(dir, path), text, { mode });
  }
  const turbo = JSON.parse(readFileSync(workspace.path("turbo.json"), "utf8")) as {
    tasks: { build: { env: string[] } };
  };
  const { MODE = "", ...others } = workspace.env;
  const env = turbo.tasks.build.env.includes("MODE") ? { ...others, MODE } : others;
  for (const name of packageNames) {
    const cwd = join(dir, "packages", name);
    const { status } = spawnSync(shellOf(dir), ["-c", workspace.script(name)], { cwd, env, stdio: "ignore" });
    if (status !== 0) return null;
  }
  return outputsIn(dir);
}

function shellOf(dir: string): string {
  const settings = existsSync(join(dir, ".npmrc")) ? readFileSync(join(dir, ".npmrc"), "utf8") : "";
  return /^script-shell=(.+)$/m.exec(settings)?.[1] ?? "sh";
}

export function outputsIn(dir: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of packageNames) {
    for (const folder of ["dist", "made", "gen"]) collect(dir, `packages/${name}/${folder}`, found);
  }
  return found;
}

function collect(dir: string, at: string, found: Map<string, string>): void {
  const stat = lstatSync(join(dir, at), { throwIfNoEntry: false });
  if (!stat) return;
  // A directory that somebody moved behind a link holds the same; links that lead to each other lead nowhere.
  if (existsSync(join(dir, at)) && statSync(join(dir, at)).isDirectory())
    for (const name of readdirSync(join(dir, at))) collect(dir, `${at}/${name}`, found);
  else if (stat.isSymbolicLink()) found.set(at, `link ${readlinkSync(join(dir, at))}`);
  else found.set(at, `${stat.mode & 0o100} ${readFileSync(join(dir, at), "utf8")}`);
}
