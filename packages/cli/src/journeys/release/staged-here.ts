import type { StagedNote, StagedNotes } from "@slipway/host";
import { eachAtOnce, UserError, type PackageName } from "@slipway/kernel";
import {
  markOf,
  releasePlanDigest,
  type PlannedPackage,
  type ReleasePlan,
  type StagedPackages,
} from "@slipway/plan";
import type { RegistryPort } from "@slipway/release";

interface Asked {
  readonly name: PackageName;
  readonly version: string;
  readonly registry: string;
}

interface Ground {
  readonly notes: StagedNotes;
  readonly registry: (url: string) => RegistryPort;
}

const atOnce = 8;
const downloadsMax = 3;

/**
 * Of what waits for approval, what a release of ours put there: by its bytes, whose digest that release wrote down on
 * origin. Registries tell neither who staged a version nor what its document says.
 */
export async function stagedByUs(ground: Ground, asked: readonly Asked[]): Promise<StagedPackages> {
  const notes = Map.groupBy(await ground.notes.read(), ({ name, version }) => `${name}@${version}`);
  const found: Record<PackageName, StagedPackages[string]> = {};
  const noted = asked.filter(({ name, version }) => notes.has(`${name}@${version}`));
  await eachAtOnce(noted, atOnce, async (each) => {
    const known = notes.get(`${each.name}@${each.version}`) ?? [];
    const integrities = known.map(({ integrity }) => integrity);
    const bytes = await stagedBytes(each, ground.registry(each.registry), integrities);
    const note = known.find(({ integrity }) => integrity === bytes?.integrity);
    const mark = note && markOf({ slipway: note.mark });
    if (note && mark) found[each.name] = { version: each.version, integrity: note.integrity, mark };
  });
  return found;
}

/** Null: it does not wait, or nobody here may look, or its bytes are others. A damaged copy is fetched again. */
export async function stagedBytes(
  { name, version }: Pick<Asked, "name" | "version">,
  { staging }: RegistryPort,
  integrities: readonly string[],
): Promise<{ readonly bytes: Uint8Array; readonly integrity: string } | null> {
  const { integrityOf } = await import("@slipway/kernel");
  try {
    const staged = (await staging?.list(name))?.find((each) => each.version === version);
    if (!staged) return null;
    for (let count = 1; count <= downloadsMax; count++) {
      const bytes = await staging?.download(staged);
      const integrity = bytes && integrityOf(bytes);
      if (bytes && integrity && integrities.includes(integrity)) return { bytes, integrity };
    }
    return null;
  } catch (error) {
    if (error instanceof UserError && error.code === "registry/unauthorized") return null;
    throw error;
  }
}

/** Before the first byte goes out. False: another machine will not know this release's staged versions as its own. */
export function noteStaged({ notes }: Pick<Ground, "notes">, plan: ReleasePlan): Promise<boolean> {
  const planDigest = releasePlanDigest(plan);
  const own = plan.packages.filter(({ state }) => state !== "uploaded");
  return notes.add(
    plan.id,
    own.map((each) => noteOf(each, { release: plan.id, plan: planDigest })),
  );
}

function noteOf(each: PlannedPackage, of: { readonly release: string; readonly plan: string }): StagedNote {
  const { name, version, integrity, commit, tag, from } = each;
  const mark = { ...of, commit, tag, from: from ?? "" };
  return { name, version, integrity: integrity ?? "", mark };
}
