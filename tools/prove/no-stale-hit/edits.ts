import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { packageNames, type SmallWorkspace } from "./small-workspace.ts";

/** One thing that happens to a work tree between two runs. */
export type Edit =
  | { readonly kind: FileEdit; readonly package: string; readonly file: string; readonly salt: number }
  | { readonly kind: OutputEdit; readonly package: string; readonly salt: number }
  | { readonly kind: "script" | "needs"; readonly package: string; readonly salt: number }
  | { readonly kind: WorkspaceEdit; readonly salt: number };

const fileEdits = [
  "write",
  "same-size-and-mtime",
  "touch",
  "rename",
  "delete",
  "add",
  "mode",
  "link",
  "replace",
] as const;
type FileEdit = (typeof fileEdits)[number];
const outputEdits = [
  "damage",
  "damage-in-place",
  "delete-output",
  "delete-outputs",
  "stray",
  "output-mode",
] as const;
type OutputEdit = (typeof outputEdits)[number];

const workspaceEdits = [
  "ignore",
  "shared",
  "env",
  "counted",
  "lockfile",
  "commit",
  "switch",
  "status",
  "other-tree",
] as const;
type WorkspaceEdit = (typeof workspaceEdits)[number];

const salt = fc.integer({ min: 0, max: 5 });
const anyPackage = fc.constantFrom(...packageNames);

export const editArbitrary: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(...fileEdits),
      package: anyPackage,
      file: fc.constantFrom("one.txt", "two.txt", "three.txt"),
      salt,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom(...outputEdits), package: anyPackage, salt }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("script" as const, "needs" as const),
      package: anyPackage,
      salt,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom(...workspaceEdits), salt }),
  },
);

/** A change of a source while the tasks run, at once after their inputs were looked at. */
export const meanwhileArbitrary: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("write", "same-size-and-mtime", "replace", "mode"),
  package: anyPackage,
  file: fc.constantFrom("one.txt", "two.txt"),
  salt,
});

/** Does it, when it can be done: a package keeps at least one source file. */
export function apply(edit: Edit, workspace: SmallWorkspace): void {
  if ("file" in edit) editFile(edit, workspace);
  else if (edit.kind === "script" || edit.kind === "needs") editManifest(edit, workspace);
  else if ("package" in edit) editOutputs(edit, workspace);
  else editWorkspace(edit, workspace);
}

function editFile(edit: Extract<Edit, { file: string }>, workspace: SmallWorkspace): void {
  const relative = `packages/${edit.package}/src/${edit.file}`;
  const path = workspace.path(relative);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  const others = readdirSync(workspace.path(`packages/${edit.package}/src`)).filter(
    (name) => name.endsWith(".txt") && name !== edit.file,
  );
  const text = `${edit.package} ${edit.file} ${edit.salt}`;
  if (!stat || edit.kind === "add" || stat.isSymbolicLink()) {
    rmSync(path, { force: true });
    writeFileSync(path, text);
    return;
  }
  switch (edit.kind) {
    case "write":
      return writeFileSync(path, text);
    case "same-size-and-mtime": {
      const old = readFileSync(path, "utf8");
      writeFileSync(path, old.replace(/.$/, String(edit.salt)));
      return utimesSync(path, stat.atimeMs / 1000, stat.mtimeMs / 1000);
    }
    case "touch":
      return utimesSync(path, new Date(), new Date());
    case "replace":
      writeFileSync(`${path}.new`, text);
      return renameSync(`${path}.new`, path);
    case "mode":
      return chmodSync(path, stat.mode ^ 0o111);
    case "rename":
      if (isLinkedTo(workspace, edit) && edit.salt > 0) return;
      return renameSync(
        path,
        workspace.path(`packages/${edit.package}/src/${edit.salt % 2 ? "four" : "five"}.txt`),
      );
    case "delete":
      if (isLinkedTo(workspace, edit) && edit.salt > 0) return;
      return others.length > 0 ? rmSync(path) : undefined;
    case "link":
      if (others.length === 0) return;
      rmSync(path);
      return symlinkSync(others[edit.salt % others.length] ?? "", path);
  }
}

/** A link that leads nowhere fails the build, with a cache as without: seldom enough to leave builds that succeed. */
function isLinkedTo(
  workspace: SmallWorkspace,
  { package: name, file }: Extract<Edit, { file: string }>,
): boolean {
  const src = workspace.path(`packages/${name}/src`);
  const links = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  return links.some((entry) => readlinkSync(`${src}/${entry.name}`) === file);
}

function editManifest(
  { kind, package: name, salt: number }: { kind: string; package: string; salt: number },
  workspace: SmallWorkspace,
): void {
  const at = packageNames.findIndex((each) => each === name);
  const lower = packageNames.slice(0, at);
  const needs = kind === "needs" ? lower.filter((_, index) => (number >> index) % 2 === 0) : lower.slice(-1);
  workspace.writeManifest(name, { needs, version: number, cleans: number % 2 === 0 });
}

function editOutputs(edit: { kind: string; package: string; salt: number }, workspace: SmallWorkspace): void {
  const dir = `packages/${edit.package}/dist`;
  const target = workspace.path(`${dir}/all.txt`);
  if (edit.kind === "delete-outputs") {
    rmSync(workspace.path(dir), { recursive: true, force: true });
    for (const stray of workspace.strays) if (stray.startsWith(`${dir}/`)) workspace.strays.delete(stray);
    return;
  }
  if (!existsSync(workspace.path(dir))) return;
  if (edit.kind === "stray") {
    const stray = `${dir}/stray-${edit.salt}.txt`;
    writeFileSync(workspace.path(stray), "stray");
    workspace.strays.add(stray);
    return;
  }
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (!stat) return;
  if (edit.kind === "delete-output") rmSync(target);
  else if (edit.kind === "damage") appendFileSync(target, "damaged");
  else if (edit.kind === "output-mode") {
    chmodSync(target, stat.mode ^ 0o111);
    workspace.chmodded.add(`${dir}/all.txt`);
  } else {
    writeFileSync(target, readFileSync(target, "utf8").replace(/.$/s, "#"));
    utimesSync(target, stat.atimeMs / 1000, stat.mtimeMs / 1000);
  }
}

function editWorkspace(
  { kind, salt: number }: { kind: string; salt: number },
  workspace: SmallWorkspace,
): void {
  switch (kind) {
    case "ignore":
      return workspace.write(".gitignore", `dist/\nnode_modules/\n${number % 2 ? "*.log\n" : "*.tmp\n"}`);
    case "shared":
      return workspace.write("shared.txt", `shared ${number}`);
    case "env":
      workspace.mode = `mode-${number % 3}`;
      return;
    case "counted":
      return workspace.writeTurbo(number % 2 === 0);
    case "lockfile":
      return workspace.write(
        "pnpm-lock.yaml",
        `lockfileVersion: '9.0'\n# ${number}\n\nimporters:\n\n  .: {}\n`,
      );
    case "commit":
      return workspace.commit();
    case "other-tree":
      workspace.otherTree = true;
      return;
    case "status":
      workspace.git("status", "--porcelain");
      return;
    case "switch": {
      workspace.commit();
      const branch = `branch-${number % 3}`;
      const exists = workspace.git("branch", "--list", branch).trim() !== "";
      workspace.git("checkout", "-q", ...(exists ? [branch] : ["-b", branch]));
    }
  }
}
