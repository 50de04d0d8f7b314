import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { did, type EditedPlace } from "./edited-place.ts";

interface OutputPlace extends EditedPlace {
  /** Relative; the package's output directory is there. */
  readonly dir: string;
  /** Absolute; a plain file that the package's build made. */
  readonly path: string;
}

/** What can happen to what a build has made. Each says whether anything did. */
const outputEdits: Readonly<Record<string, (place: OutputPlace) => boolean>> = {
  "damage an output": ({ path }) => did(() => appendFileSync(path, "damaged")),
  "damage an output, same size and mtime"({ path }) {
    const stat = lstatSync(path);
    writeFileSync(path, readFileSync(path, "utf8").replace(/.$/s, "#"));
    return did(() => utimesSync(path, stat.atimeMs / 1000, stat.mtimeMs / 1000));
  },
  "replace an output by rename"({ path }) {
    writeFileSync(`${path}.new`, readFileSync(path, "utf8").replace(/.$/s, "#"));
    return did(() => renameSync(`${path}.new`, path));
  },
  "delete an output": ({ path }) => did(() => rmSync(path)),
  "delete all outputs"({ workspace, dir }) {
    rmSync(workspace.path(dir), { recursive: true });
    forgetStrays(workspace, dir);
    return true;
  },
  "a stray file"({ workspace, dir, salt }) {
    const stray = `${dir}/stray-${salt}.txt`;
    writeFileSync(workspace.path(stray), "stray");
    return did(() => workspace.strays.add(stray));
  },
  "mode of an output"({ workspace, dir, path }) {
    chmodSync(path, lstatSync(path).mode ^ 0o111);
    return did(() => workspace.chmodded.add(`${dir}/all.txt`));
  },
  "an output replaced by a directory"({ workspace, dir, path, package: name }) {
    if (!workspace.cleans(name)) return false;
    rmSync(path);
    mkdirSync(path);
    writeFileSync(`${path}/stray.txt`, "stray");
    return did(() => workspace.strays.add(`${dir}/all.txt/stray.txt`));
  },
  "an output replaced by a link"({ workspace, path, package: name }) {
    if (!workspace.cleans(name)) return false;
    rmSync(path);
    return did(() => symlinkSync("facts.txt", path));
  },
  "the output directory replaced by a file"({ workspace, dir, package: name }) {
    if (!workspace.cleans(name)) return false;
    rmSync(workspace.path(dir), { recursive: true });
    forgetStrays(workspace, dir);
    return did(() => writeFileSync(workspace.path(dir), "in the way"));
  },
  "the output directory moved behind a link"({ workspace, dir, salt, package: name }) {
    if (!workspace.cleans(name)) return false;
    const elsewhere = `${workspace.base}/moved-${name}-${salt}`;
    rmSync(elsewhere, { recursive: true, force: true });
    renameSync(workspace.path(dir), elsewhere);
    forgetStrays(workspace, dir);
    return did(() => symlinkSync(elsewhere, workspace.path(dir)));
  },
  "an output of a package in another's folder": ({ workspace }) => {
    if (!workspace.has("packages/a/gen/by-d.txt")) return false;
    return did(() => writeFileSync(workspace.path("packages/a/gen/by-d.txt"), "damaged"));
  },
};

export const outputEditKinds = Object.keys(outputEdits);

export function editOutputs(kind: string, place: EditedPlace): boolean {
  const dir = `packages/${place.package}/dist`;
  const path = place.workspace.path(`${dir}/all.txt`);
  if (!isReal(place.workspace.path(dir), "isDirectory") || !isReal(path, "isFile")) return false;
  return outputEdits[kind]?.({ ...place, dir, path }) ?? false;
}

function isReal(path: string, is: "isFile" | "isDirectory"): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.[is]() ?? false;
  } catch {
    return false;
  }
}

function forgetStrays({ strays }: EditedPlace["workspace"], dir: string): void {
  for (const stray of strays) if (stray.startsWith(`${dir}/`)) strays.delete(stray);
}
