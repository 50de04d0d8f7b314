import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { peerModules } from "./peers.ts";

/** A workspace as data: what differs from a plain pnpm workspace with one source file a package. */
export interface Fixture {
  readonly about: string;
  readonly packages: Readonly<Record<string, FixturePackage>>;
  readonly rootScripts?: readonly string[];
  /** Root files; objects are written as JSON. */
  readonly files: Readonly<Record<string, unknown>>;
  readonly asks: readonly Ask[];
  /** Tasks whose answer differs on purpose, with the row of docs/compatibility.md. */
  readonly differs?: Readonly<Record<string, string>>;
}

export interface FixturePackage {
  readonly needs?: readonly string[];
  readonly dev?: readonly string[];
  readonly peers?: readonly string[];
  readonly scripts?: readonly string[];
  readonly dir?: string;
  /** Merged into package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Files of the package; objects are written as JSON. */
  readonly files?: Readonly<Record<string, unknown>>;
}

export interface Ask {
  /** As typed behind `run`. */
  readonly run: readonly string[];
  /** Our error code where both must refuse. */
  readonly fails?: string;
  /** Where the command is typed. */
  readonly cwd?: string;
  /** Our plan differs on purpose: the row of docs/compatibility.md. */
  readonly differs?: string;
}

export interface EditedFixture extends Omit<Fixture, "asks" | "differs"> {
  /** Task names to ask about. */
  readonly tasks: readonly string[];
  readonly edits: readonly Edit[];
}

/** One change on top of the fixture's only commit. */
export interface Edit {
  readonly about: string;
  readonly write?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** True: no manifest, configuration or lockfile is touched, so one look at the workspace serves all such edits. */
  readonly plain?: boolean;
  /** The affected packages differ on purpose, the affected tasks do: the rows of docs/compatibility.md. */
  readonly differs?: string;
  readonly tasksDiffer?: string;
  readonly rangeDiffers?: string;
}

export function readFixtures(folder: string): readonly (readonly [string, Fixture])[] {
  return jsonFiles(folder).map(([name, value]) => [name, value as Fixture]);
}

export function readEditedFixtures(folder: string): readonly (readonly [string, EditedFixture])[] {
  return jsonFiles(folder).map(([name, value]) => [name, value as EditedFixture]);
}

function jsonFiles(folder: string): readonly (readonly [string, unknown])[] {
  const dir = new URL(`fixtures/${folder}/`, import.meta.url);
  const files = readdirSync(dir).toSorted();
  return files.map((file) => {
    const value: unknown = JSON.parse(readFileSync(new URL(file, dir), "utf8"));
    return [file.replace(/\.json$/, ""), value];
  });
}

export interface WorkspaceOnDisk {
  readonly root: string;
  write(files: Readonly<Record<string, unknown>>): void;
  git(...args: readonly string[]): string;
  commit(): string;
  /** Commits the edit on a branch of its own; `main` stays where it is. */
  edit(edit: Edit): void;
  remove(): void;
}

/** Writes a fixture into a fresh folder and commits it, with the peers' modules linked as its own. */
export function onDisk(fixture: Pick<Fixture, "packages" | "rootScripts" | "files">): WorkspaceOnDisk {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "slipway-peer-")));
  const workspace = workspaceAt(root);
  workspace.write(filesOf(fixture));
  linkPeers(root);
  workspace.git("init", "--quiet", "--initial-branch=main");
  workspace.commit();
  return workspace;
}

function workspaceAt(root: string): WorkspaceOnDisk {
  const env = {
    PATH: process.env["PATH"],
    HOME: root,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org",
  };
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: root, env, encoding: "utf8" }).trim();
  return {
    root,
    git,
    write(files) {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`;
        writeFileSync(join(root, path), text);
      }
    },
    commit() {
      git("add", "--all");
      git("commit", "--quiet", "--allow-empty", "--no-verify", "-m", "state");
      return git("rev-parse", "HEAD");
    },
    edit({ write = {}, remove = [] }) {
      git("checkout", "--quiet", "--force", "-B", "edited", "main");
      for (const path of remove) rmSync(join(root, path), { recursive: true });
      this.write(write);
      this.commit();
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function filesOf({ packages, rootScripts = [], files }: Pick<Fixture, "packages" | "rootScripts" | "files">) {
  const all: Record<string, unknown> = {
    "package.json": {
      name: "root",
      private: true,
      packageManager: "pnpm@10.0.0",
      scripts: scriptsOf(rootScripts),
    },
    "pnpm-workspace.yaml": "packages:\n  - packages/**\n  - apps/*\n",
    "pnpm-lock.yaml": lockfileOf(packages),
    ".gitignore": "node_modules\n.turbo\n.nx\ndist\n",
    ...files,
  };
  for (const [name, one] of Object.entries(packages)) {
    const dir = dirOf(name, one);
    all[`${dir}/package.json`] = {
      name,
      version: "1.0.0",
      scripts: scriptsOf(one.scripts ?? []),
      dependencies: workspaceRanges(one.needs),
      devDependencies: workspaceRanges(one.dev),
      peerDependencies: workspaceRanges(one.peers),
      ...one.manifest,
    };
    all[`${dir}/src/index.js`] = `export const name = "${name}";\n`;
    for (const [path, content] of Object.entries(one.files ?? {})) all[`${dir}/${path}`] = content;
  }
  return all;
}

export function dirOf(name: string, { dir }: FixturePackage): string {
  return dir ?? `packages/${name.replace(/^@.*\//, "")}`;
}

function scriptsOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `echo ${name}`]));
}

function workspaceRanges(names: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, "workspace:*"]));
}

/** What `pnpm install` would write for packages that need nothing from a registry. */
function lockfileOf(packages: Fixture["packages"]): string {
  const importers = Object.entries(packages).map(([name, one]) => {
    const kinds = [
      ["dependencies", one.needs ?? []],
      ["devDependencies", one.dev ?? []],
    ] as const;
    const lines = kinds.flatMap(([kind, needs]) =>
      needs.length === 0 ? [] : [`    ${kind}:`, ...needs.flatMap(linked)],
    );
    return lines.length === 0 ? `  ${dirOf(name, one)}: {}` : [`  ${dirOf(name, one)}:`, ...lines].join("\n");
    function linked(need: string): string[] {
      const up = dirOf(name, one)
        .split("/")
        .map(() => "..")
        .join("/");
      const link = `${up}/${dirOf(need, packages[need] ?? {})}`;
      return [`      '${need}':`, "        specifier: workspace:*", `        version: link:${link}`];
    }
  });
  return ["lockfileVersion: '9.0'", "", "importers:", "  .: {}", ...importers, ""].join("\n");
}

/** nx looks for itself in the workspace, and for the mark of a pnpm install. */
function linkPeers(root: string): void {
  const modules = join(root, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(peerModules)) symlinkSync(join(peerModules, name), join(modules, name));
  writeFileSync(join(modules, ".modules.yaml"), '{"hoistedDependencies":{},"layoutVersion":5}');
}
