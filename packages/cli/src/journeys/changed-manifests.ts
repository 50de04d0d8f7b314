import type { GitRepository } from "@slipway/host";
import { isRecord } from "@slipway/kernel";
import { publishedRanges, type Catalogs, type VersionedPackage } from "@slipway/plan";
import { catalogFiles, catalogsInTexts } from "@slipway/workspace";

/** The repository as it was at a commit, and which of its files are others now. */
export interface Comparison {
  readonly git: GitRepository;
  readonly commit: string;
  readonly files: ReadonlySet<string>;
  /** Catalogs as they are now. */
  readonly catalogs: Catalogs;
}

/** Which of the packages would publish other dependency ranges than then: by their manifest, or by a catalog's entry. */
export async function withOtherRanges(
  packages: readonly VersionedPackage[],
  comparison: Comparison,
): Promise<readonly VersionedPackage[]> {
  const { files, catalogs } = comparison;
  const inCatalogs = catalogFiles.some((file) => files.has(file));
  const suspects = packages.filter(
    (each) => files.has(manifestOf(each)) || (inCatalogs && usesCatalogs(each)),
  );
  if (suspects.length === 0) return [];
  const former = inCatalogs ? await formerCatalogs(comparison) : catalogs;
  const found: VersionedPackage[] = [];
  for (const each of suspects) {
    const manifest = await formerManifest(each, comparison);
    const then = publishedRanges(manifest, former);
    const now = publishedRanges(each.manifest, catalogs);
    if (then.size !== now.size || [...now].some(([key, range]) => then.get(key) !== range)) found.push(each);
  }
  return found;
}

/** Whether some package has another version than then. */
export async function anyOtherVersion(
  packages: readonly VersionedPackage[],
  comparison: Comparison,
): Promise<boolean> {
  for (const each of packages) {
    if (!comparison.files.has(manifestOf(each))) continue;
    const { version } = await formerManifest(each, comparison);
    if (version !== undefined && version !== each.manifest["version"]) return true;
  }
  return false;
}

async function formerManifest(
  each: VersionedPackage,
  { git, commit, files }: Comparison,
): Promise<Record<string, unknown>> {
  if (!files.has(manifestOf(each))) return each.manifest;
  const bytes = await git.fileAt(commit, manifestOf(each));
  try {
    const value: unknown = JSON.parse(bytes?.toString("utf8") ?? "{}");
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

async function formerCatalogs({ git, commit }: Comparison): Promise<Catalogs> {
  const texts = new Map<string, string>();
  for (const file of catalogFiles) {
    const bytes = await git.fileAt(commit, file);
    if (bytes !== null) texts.set(file, bytes.toString("utf8"));
  }
  return catalogsInTexts(texts);
}

function usesCatalogs({ manifest }: VersionedPackage): boolean {
  return [...publishedRanges(manifest, {}).values()].some((range) => range.startsWith("catalog:"));
}

function manifestOf({ dir }: VersionedPackage): string {
  return dir === "" ? "package.json" : `${dir}/package.json`;
}
