import { UserError } from "@slipway/kernel";
import type { VersionPlan } from "@slipway/plan";
import {
  openUplinkLens,
  readNpmrc,
  registryClient,
  startVerdaccio,
  type EmbeddedRegistry,
  type RegistryClient,
  type UplinkLens,
} from "@slipway/registry";
import { join } from "node:path";
import { userCacheDir } from "../../wire/cache-dir.ts";
import type { Phases } from "./phases.ts";
import type { RehearsalRequest } from "./request.ts";

/** The two registries of a rehearsal, and the lens through which both read the real ones. */
export interface RehearsalRegistries {
  readonly staging: RegistryClient;
  readonly production: RegistryClient;
  readonly lens: UplinkLens;
  /** The real registry, for looking. */
  readonly upstream: RegistryClient;
}

type Closer = () => Promise<void>;

/** @param closers gets what ends each server, as soon as it runs */
export async function startRegistries(
  request: RehearsalRequest,
  scratch: string,
  closers: Closer[],
): Promise<RehearsalRegistries> {
  const npmrc = readNpmrc(request.cwd, request.env);
  const registry = npmrc.target(npmrc.registry);
  const scopes = Object.fromEntries(
    Object.entries(npmrc.scopes).map(([scope, url]) => [scope, npmrc.target(url)]),
  );
  const lens = await openUplinkLens({ registry, scopes });
  closers.push(() => lens.close());
  const cacheDir = request.cacheDir ?? userCacheDir(request.env);
  const start = async (config: "staging" | "production"): Promise<RegistryClient> => {
    const started: EmbeddedRegistry = await startVerdaccio({
      storage: join(scratch, config),
      uplink: { url: lens.url, auth: null },
      config,
      cacheDir,
    });
    closers.push(() => started.close());
    return registryClient({ url: started.url, auth: null });
  };
  const [staging, production] = await Promise.all([start("staging"), start("production")]);
  return { staging, production, lens, upstream: registryClient({ url: lens.url, auth: null }) };
}

const VIEWS_AT_ONCE = 16;

/**
 * Where a planned version is on the real registry already, this is a commit of the past: both registries then show the
 * released packages as they were before it, or there would be nothing to rehearse.
 */
export async function hideWhatIsReleased(
  plan: VersionPlan,
  { lens, upstream }: Pick<RehearsalRegistries, "lens" | "upstream">,
  phases: Phases,
): Promise<void> {
  const there: string[] = [];
  const queue = [...plan.bumps];
  const worker = async (): Promise<void> => {
    for (let bump = queue.shift(); bump; bump = queue.shift()) {
      const view = await upstream.view(bump.package);
      if (view?.versions[bump.to]) there.push(`${bump.package}@${bump.to}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: VIEWS_AT_ONCE }, worker));
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "registry/unreachable") throw error;
    phases.note(`earlier versions are not known: ${error.message}`);
    return;
  }
  if (there.length === 0) return;
  for (const bump of plan.bumps) lens.hideFrom(bump.package, bump.to);
  const [first = "", ...others] = there.toSorted();
  const named =
    others.length === 0 ? `${first} is` : `${first} and ${others.length} more planned versions are`;
  phases.note(`${named} on the registry already: the release is rehearsed as if it were the day before`);
}
