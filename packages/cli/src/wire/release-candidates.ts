import { isRecord, type PackageName } from "@slipway/kernel";
import type { ReleaseCandidate } from "@slipway/plan";
import type { WorkspacePackage } from "@slipway/workspace";
import type { LoadedVersioning } from "./load-versioning.ts";

/** Kinds of dependencies that come along when somebody installs a package. */
const installedKinds = new Set(["dependencies", "optionalDependencies", "peerDependencies"]);

/** Every package that could be released, as the release planner wants to know it. */
export function releaseCandidates(
  versioning: LoadedVersioning,
  registryOf: (name: PackageName, publishConfig: Readonly<Record<string, unknown>>) => string,
): ReleaseCandidate[] {
  const { settings } = versioning.input;
  const channels = versioning.ownSettings.channels ?? {};
  const ignored = new Set(settings.ignore);
  const versioned = new Set(versioning.input.packages.map(({ name }) => name));
  return versioning.workspace.packages
    .filter(({ name }) => versioned.has(name))
    .map((each): ReleaseCandidate => {
      const config = publishConfigOf(each);
      const access = config["access"];
      return {
        name: each.name,
        version: each.version,
        dir: each.dir,
        private: each.private,
        tagOnly: each.private && settings.privatePackages.tag,
        ignored: ignored.has(each.name),
        access: access === "public" || access === "restricted" ? access : settings.access,
        registry: registryOf(each.name, config),
        provenance: typeof config["provenance"] === "boolean" ? config["provenance"] : null,
        publishTag: channelOf(each, channels) ?? (typeof config["tag"] === "string" ? config["tag"] : null),
        needs: [...new Set(each.edges.filter(({ kind }) => installedKinds.has(kind)).map(({ to }) => to))],
      };
    });
}

/** A prerelease of a package on a channel goes out under the channel's word. */
function channelOf(
  { name, version }: WorkspacePackage,
  channels: Readonly<Record<PackageName, string>>,
): string | null {
  const channel = Object.hasOwn(channels, name) ? channels[name] : undefined;
  return channel !== undefined && version?.includes(`-${channel}.`) ? channel : null;
}

export function publishConfigOf(each: WorkspacePackage): Readonly<Record<string, unknown>> {
  const config = each.manifest["publishConfig"];
  return isRecord(config) ? config : {};
}
