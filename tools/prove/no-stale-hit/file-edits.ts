import {
  chmodSync,
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
import { did, type EditedPlace } from "./edited-place.ts";

type FileEdit = (place: FilePlace) => boolean;

interface FilePlace extends EditedPlace {
  /** Absolute; a plain file stands there. */
  readonly path: string;
  readonly text: string;
}

/** What can happen to a source file. Each says whether anything did. */
const fileEdits: Readonly<Record<string, FileEdit>> = {
  write: ({ path, text }) => did(() => writeFileSync(path, text)),
  "same size and mtime"({ path, salt }) {
    const stat = lstatSync(path);
    writeFileSync(path, readFileSync(path, "utf8").replace(/.$/, String(salt)));
    utimesSync(path, stat.atimeMs / 1000, stat.mtimeMs / 1000);
    return true;
  },
  "an older time stamp"({ path, text, salt }) {
    writeFileSync(path, text);
    utimesSync(path, 1_600_000_000 + salt, 1_600_000_000 + salt);
    return true;
  },
  touch: ({ path }) => did(() => utimesSync(path, new Date(), new Date())),
  "replace by rename"({ path, text }) {
    writeFileSync(`${path}.new`, text);
    return did(() => renameSync(`${path}.new`, path));
  },
  mode: ({ path }) => did(() => chmodSync(path, lstatSync(path).mode ^ 0o111)),
  rename: ({ path, salt }) =>
    did(() => renameSync(path, join(dirname(path), salt % 2 ? "four.txt" : "five.txt"))),
  "rename in case only"({ path }) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return did(() => renameSync(path, join(dirname(path), name.toUpperCase())));
  },
  "move into a new directory"({ path, salt }) {
    const dir = join(dirname(path), salt % 2 ? "deep" : "deeper");
    mkdirSync(dir, { recursive: true });
    return did(() => renameSync(path, join(dir, "one.txt")));
  },
  delete: ({ path }) => did(() => rmSync(path)),
  "a script that fails": ({ path, salt }) => salt === 0 && did(() => writeFileSync(path, "fail")),
  "link to a sibling"({ path }) {
    const siblings = readdirSync(dirname(path)).filter(
      (name) => name.endsWith(".txt") && !path.endsWith(name),
    );
    const [target] = siblings;
    if (target === undefined) return false;
    rmSync(path);
    return did(() => symlinkSync(target, path));
  },
  "link to a file of another folder": ({ path }) => relinked(path, "../../../shared.txt"),
  "link to a file outside of the repository"({ path, workspace }) {
    const target = join(workspace.base, "outside.txt");
    writeFileSync(target, "outside");
    return relinked(path, target);
  },
  "link to a directory": ({ path, workspace }) => {
    workspace.write("lib/x.txt", "lib");
    const link = join(dirname(path), "linked");
    rmSync(link, { recursive: true, force: true });
    return did(() => symlinkSync("../../../lib", link));
  },
};

export const fileEditKinds = Object.keys(fileEdits);

export function editFile(kind: string, place: EditedPlace & { readonly file: string }): boolean {
  const { workspace, package: name, file, salt } = place;
  const path = workspace.path(`packages/${name}/src/${file}`);
  const text = `${name} ${file} ${salt}`;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) {
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, text);
    return true;
  }
  return fileEdits[kind]?.({ ...place, path, text }) ?? false;
}

function relinked(path: string, target: string): boolean {
  rmSync(path);
  return did(() => symlinkSync(target, path));
}
