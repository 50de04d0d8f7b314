import { openRepository } from "@slipway/host";
import { isRecord } from "@slipway/kernel";
import type { ChangedFile } from "@slipway/plan";
import type { LoadedVersioning } from "./load-versioning.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Paths with what each package's manifest held at `since`, where it is among them. */
export async function withManifestsBefore(
  paths: readonly string[],
  since: string,
  { versioning, env }: { readonly versioning: LoadedVersioning; readonly env: Environment },
): Promise<readonly ChangedFile[]> {
  const { root, input } = versioning;
  const manifests = new Set(
    input.packages.map(({ dir }) => (dir === "" ? "package.json" : `${dir}/package.json`)),
  );
  const git = await openRepository(root, env);
  return Promise.all(
    paths.map(async (path) => {
      if (!manifests.has(path)) return { path };
      const bytes = await git.fileAt(since, path);
      return { path, manifestBefore: bytes === null ? null : manifestIn(bytes.toString("utf8")) };
    }),
  );
}

function manifestIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
