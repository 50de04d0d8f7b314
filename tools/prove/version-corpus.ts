/**
 * Real "Version Packages" commits of four public monorepos, as facts without texts: what stood before, the changesets,
 * and the manifests that the release changed. Each is laid out anew, versioned by Slipway, and compared with what its
 * maintainers released.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { planAndApplyVersions } from "../../packages/cli/src/journeys/version.ts";
import { knownDifferences } from "./corpus/known-differences.ts";

type Maps = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
type Manifest = Maps & { readonly name: string; readonly version?: string; readonly private?: boolean };

export interface RealRelease {
  readonly repo: string;
  readonly commit: string;
  readonly date: string;
  readonly packageManager: "pnpm" | "yarn" | "npm";
  readonly config: Readonly<Record<string, unknown>>;
  readonly pre?: unknown;
  readonly workspaces?: readonly string[];
  readonly changesets: readonly {
    readonly id: string;
    readonly releases: Readonly<Record<string, string>>;
  }[];
  readonly before: Readonly<Record<string, Manifest>>;
  readonly changed: Readonly<Record<string, Manifest>>;
}

export const repositories = ["query", "emotion", "xstate", "changesets"] as const;

export function readCorpus(repository: (typeof repositories)[number]): readonly RealRelease[] {
  const file = new URL(`corpus/${repository}.ndjson.gz`, import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as RealRelease);
}

/** What differs from the release as it was made, in words; nothing when it was reproduced. */
export async function replay(release: RealRelease, generation?: 2 | 3): Promise<readonly string[]> {
  const dir = mkdtempSync(join(tmpdir(), "slipway-corpus-"));
  try {
    layOut(release, dir);
    const chosen = generation === undefined ? {} : { generation };
    await planAndApplyVersions(dir, { env: {}, nowMs: 0, ...chosen });
    return differences(release, dir);
  } catch (error) {
    return [`refused: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const figures: Record<string, number | string> = {};
  let failed = 0;
  for (const generation of [2, 3] as const) {
    let reproduced = 0;
    let total = 0;
    for (const repository of repositories) {
      let own = 0;
      const releases = readCorpus(repository);
      for (const release of releases) {
        const found = await replay(release, generation);
        const known = knownDifferences[release.commit.slice(0, 10)];
        if (found.length === 0) own++;
        else if (known === undefined) failed++;
        if (found.length > 0)
          options.log(
            `${repository} ${release.commit.slice(0, 10)} generation ${generation}: ${found[0]} (${known ?? "unexplained"})`,
          );
      }
      figures[`${repository}, generation ${generation}`] = `${own} of ${releases.length}`;
      reproduced += own;
      total += releases.length;
    }
    figures[`all, generation ${generation}`] = `${reproduced} of ${total}`;
  }
  for (const [commit, cause] of Object.entries(knownDifferences))
    figures[`not reproduced: ${commit}`] = cause;
  const summary = "Releases of four public monorepos, versioned anew and compared with what was published.";
  return { name: "version-corpus", summary, figures, failed };
}

function layOut(release: RealRelease, dir: string): void {
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  for (const [path, manifest] of Object.entries(release.before))
    put(path, `${JSON.stringify(manifest, null, 2)}\n`);
  if (release.workspaces)
    put("pnpm-workspace.yaml", `packages:\n${release.workspaces.map((glob) => `  - '${glob}'\n`).join("")}`);
  const config = { ...release.config, changelog: false, commit: false };
  put(".changeset/config.json", JSON.stringify(config, null, 2));
  if (release.pre !== undefined) put(".changeset/pre.json", JSON.stringify(release.pre, null, 2));
  for (const { id, releases } of release.changesets) {
    const lines = Object.entries(releases).map(([name, bump]) => `"${name}": ${bump}\n`);
    put(`.changeset/${id}.md`, `---\n${lines.join("")}---\n\nsummary\n`);
  }
}

const comparedFields = ["dependencies", "peerDependencies", "optionalDependencies"] as const;

function differences(release: RealRelease, dir: string): readonly string[] {
  return Object.entries(release.before).flatMap(([path, before]) => {
    if (before.private || !before.version) return [];
    const wanted = release.changed[path] ?? before;
    const got = JSON.parse(readFileSync(join(dir, path), "utf8")) as Manifest;
    const version =
      wanted.version === got.version ? [] : [`${path}: ${got.version}, released ${wanted.version}`];
    const ranges = comparedFields.flatMap((field) =>
      Object.entries(wanted[field] ?? {}).flatMap(([name, range]) => {
        const now = got[field]?.[name];
        return now === range ? [] : [`${path} ${field} ${name}: ${now}, released ${range}`];
      }),
    );
    return [...version, ...ranges];
  });
}
