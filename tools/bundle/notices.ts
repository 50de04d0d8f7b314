import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/** The licence texts of every third-party package of which a byte went into the bundle, as their licences ask for. */
export async function noticesOf(metafile: Metafile, root: string): Promise<string> {
  const used = Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folders = new Set(used.map(packageFolder).filter((folder) => folder !== undefined));
  const notices = await Promise.all([...folders].map((folder) => noticeOf(join(root, folder))));
  const intro = "Slipway's bundle contains parts of these packages, under these licences.";
  return `${[intro, ...notices.toSorted()].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

function packageFolder(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

async function noticeOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Record<
    string,
    unknown
  >;
  const files = (await readdir(folder))
    .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
    .toSorted();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const head = `${String(manifest["name"])}@${String(manifest["version"])} (${licenceOf(manifest)})`;
  return [head, ...texts.map((text) => text.trim())].join("\n\n");
}

function licenceOf(manifest: Record<string, unknown>): string {
  const { license } = manifest;
  if (typeof license === "string") return license;
  throw new Error(
    `${String(manifest["name"])} states no licence: leave it out of the bundle, or name it here`,
  );
}
