import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { did, type EditedPlace } from "./edited-place.ts";
import { packageNames } from "./scripts.ts";
import type { SmallWorkspace } from "./small-workspace.ts";

/** What can happen around the files of packages. Each says whether anything did. */
const workspaceEdits: Readonly<Record<string, (place: EditedPlace) => boolean>> = {
  script: (place) => rewritten(place, false),
  "needs of a package": (place) => rewritten(place, true),
  "global file": ({ workspace, salt }) => did(() => workspace.write("shared.txt", `shared ${salt}`)),
  "ignored global file": ({ workspace, salt }) =>
    salt === 0
      ? did(() => rmSync(workspace.path(".env.local"), { force: true }))
      : did(() => workspace.write(".env.local", `local ${salt}`)),
  "ignored file that counts": ({ workspace, package: name, salt }) =>
    salt === 0
      ? did(() => rmSync(workspace.path(`packages/${name}/.env.own`), { force: true }))
      : did(() => workspace.write(`packages/${name}/.env.own`, `own ${salt}`)),
  "file behind a link": ({ workspace, salt }) => {
    workspace.write(`lib/${salt % 2 ? "x" : "y"}.txt`, `lib ${salt}`);
    return did(() => writeFileSync(join(workspace.base, "outside.txt"), `outside ${salt}`));
  },
  "variable that counts": ({ workspace, salt }) =>
    did(() => workspace.variables.set("MODE", `mode-${salt % 3}`)),
  "variable of a pattern": ({ workspace, salt }) =>
    salt === 0
      ? workspace.variables.delete("APP_ONE")
      : did(() => workspace.variables.set(salt % 2 ? "APP_ONE" : "APP_TWO", String(salt))),
  "which variables count": ({ workspace, salt }) => did(() => workspace.writeTurbo(salt % 2 === 0)),
  "script-shell": ({ workspace, salt }) =>
    did(() => workspace.write(".npmrc", salt % 2 ? "script-shell=/bin/bash\n" : "")),
  lockfile: ({ workspace, salt }) =>
    did(() =>
      workspace.write("pnpm-lock.yaml", `lockfileVersion: '9.0'\n# ${salt}\n\nimporters:\n\n  .: {}\n`),
    ),
  "ignored by .gitignore": ({ workspace, salt }) => ignored(workspace, ".gitignore", salt),
  "ignored by a .gitignore of a folder": ({ workspace, package: name, salt }) =>
    ignored(workspace, `packages/${name}/.gitignore`, salt),
  "ignored by .git/info/exclude": ({ workspace, salt }) => ignored(workspace, ".git/info/exclude", salt),
  "ignored by the user": ({ workspace, salt }) => ignored(workspace, "../.config/git/ignore", salt),
  "ignored by core.excludesFile": ({ workspace, salt }) => {
    workspace.git("config", "core.excludesFile", join(workspace.base, "excludes"));
    return ignored(workspace, "../excludes", salt);
  },
  "file that may be ignored": ({ workspace, package: name, salt }) =>
    did(() => workspace.write(`packages/${name}/src/x.${extensions[salt % 3] ?? "tmp"}`, `may be ${salt}`)),
  "repository within the repository": ({ workspace, package: name, salt }) => {
    const dir = `packages/${name}/src/inner`;
    workspace.write(`${dir}/${salt % 2 ? "x" : "y"}.tmp`, `inner ${salt}`);
    if (existsSync(workspace.path(`${dir}/.git`))) return true;
    execFileSync("git", ["init", "-q"], { cwd: workspace.path(dir), env: workspace.env });
    // Without a commit the repository around refuses to add it.
    return did(() => workspace.gitIn(dir, ["commit", "-q", "--allow-empty", "-m", "state"]));
  },
  "a repository within it that is one no more": ({ workspace, package: name }) => {
    if (!existsSync(workspace.path(`packages/${name}/src/inner/.git`))) return false;
    return did(() => rmSync(workspace.path(`packages/${name}/src/inner/.git`), { recursive: true }));
  },
  "git commit": ({ workspace }) => did(() => workspace.commit()),
  "git status": ({ workspace }) => did(() => workspace.git("status", "--porcelain")),
  "git add": ({ workspace }) => did(() => workspace.git("add", "-A")),
  "git rm --cached": ({ workspace, package: name }) =>
    tried(() => workspace.git("rm", "-rq", "--cached", `packages/${name}/src`)),
  "git reset --hard": ({ workspace }) => did(() => workspace.git("reset", "-q", "--hard")),
  "assume-unchanged": ({ workspace, package: name }) =>
    tried(() => workspace.git("update-index", "--assume-unchanged", `packages/${name}/src/one.txt`)),
  "skip-worktree": ({ workspace, package: name }) =>
    tried(() => workspace.git("update-index", "--skip-worktree", `packages/${name}/src/two.txt`)),
  "branch switch"({ workspace, salt }) {
    unmark(workspace);
    workspace.commit();
    const branch = `branch-${salt % 3}`;
    const exists = workspace.git("branch", "--list", branch).trim() !== "";
    return did(() => workspace.git("checkout", "-q", ...(exists ? [branch] : ["-b", branch])));
  },
  "run in another work tree": ({ workspace }) => did(() => (workspace.next = "other-tree")),
  "two runs at once": ({ workspace }) => did(() => (workspace.next = "two-at-once")),
};

const extensions = ["tmp", "bak", "old"];

export const workspaceEditKinds = Object.keys(workspaceEdits);

export function editWorkspace(kind: string, place: EditedPlace): boolean {
  return workspaceEdits[kind]?.(place) ?? false;
}

function rewritten({ workspace, package: name, salt }: EditedPlace, withNeeds: boolean): boolean {
  const lower = packageNames.slice(
    0,
    packageNames.findIndex((each) => each === name),
  );
  const needs = withNeeds ? lower.filter((_, index) => (salt >> index) % 2 === 0) : lower.slice(-1);
  return did(() => workspace.writeManifest(name, { needs, version: salt, cleans: salt % 2 === 0 }));
}

/** Puts one pattern into the file that says what is ignored, in the place of the one before. */
function ignored(workspace: SmallWorkspace, file: string, salt: number): boolean {
  const path = workspace.path(file);
  mkdirSync(dirname(path), { recursive: true });
  const old = existsSync(path) ? readFileSync(path, "utf8").replace(/^\*\.(?:tmp|bak|old)\n/gm, "") : "";
  writeFileSync(path, old);
  const extension = extensions[salt];
  return did(() => extension !== undefined && appendFileSync(path, `*.${extension}\n`));
}

/** git refuses to switch where it was told not to look. */
function unmark(workspace: SmallWorkspace): void {
  for (const file of ["one.txt", "two.txt"]) {
    const paths = packageNames.map((name) => `packages/${name}/src/${file}`);
    for (const path of paths) {
      tried(() => workspace.git("update-index", "--no-assume-unchanged", path));
      tried(() => workspace.git("update-index", "--no-skip-worktree", path));
    }
  }
}

function tried(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
