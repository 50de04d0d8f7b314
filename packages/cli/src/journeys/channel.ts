import { readText, replaceText } from "@slipway/host";
import { didYouMean, UserError, type ExitStatus, type PackageName } from "@slipway/kernel";
import {
  declaredEdges,
  editSettings,
  leavesRange,
  prereleaseLines,
  slipwaySettingsPath,
  versionOf,
  whySkipped,
  type Bump,
  type VersionedPackage,
} from "@slipway/plan";
import { changesetText } from "@slipway/release";
import { join } from "node:path";
import type { Outside } from "../command.ts";
import { freeChangesetName } from "../wire/changeset-name.ts";
import { loadVersioning, type LoadedVersioning, type VersioningChoices } from "../wire/load-versioning.ts";
import { refuseTag } from "./pre.ts";

/** `slipway pre enter TAG --package NAME`: from now on these packages give prereleases, and the others do not. */
export async function enterChannel(
  asked: { readonly tag: string; readonly packages: readonly PackageName[] },
  choices: VersioningChoices,
  outside: Outside,
): Promise<ExitStatus> {
  const versioning = await loadVersioning(outside.cwd, choices);
  refuseTag(asked.tag);
  refuseUnknown(asked.packages, versioning);
  const { preState } = versioning.input;
  if (preState) {
    const hint = "leave pre mode with `slipway pre exit` first";
    throw new UserError("version/pre-mode", "the whole repository is in pre mode", { hint });
  }
  await writeChannels(versioning, Object.fromEntries(asked.packages.map((name) => [name, asked.tag])));
  outside.say(
    `${asked.packages.join(", ")} on the channel "${asked.tag}": \`slipway version\` gives prereleases of them; commit ${slipwaySettingsPath}`,
  );
  return 0;
}

/** `slipway pre exit --package NAME`: changesets make the next version a release of each that has a prerelease now. */
export async function leaveChannel(
  packages: readonly PackageName[],
  choices: VersioningChoices,
  outside: Outside,
): Promise<ExitStatus> {
  const versioning = await loadVersioning(outside.cwd, choices);
  const { input, ownSettings } = versioning;
  refuseUnknown(packages, versioning);
  const channels = ownSettings.channels ?? {};
  const strangers = packages.filter((name) => !Object.hasOwn(channels, name));
  if (strangers.length > 0) {
    const hint = "`slipway pre enter TAG --package NAME` puts a package on one";
    throw new UserError("version/pre-mode", `on no channel: ${strangers.join(", ")}`, { hint });
  }
  const left = input.packages.filter((each) => {
    return packages.includes(each.name) && versionOf(each)?.includes("-") === true;
  });
  const tags = [...new Set(left.map(({ name }) => channels[name]))].join(", ");
  const written = await addGathered(versioning, left, channels);
  const followers = followersOf(left, versioning);
  const names = left.map(({ name }) => name).join(", ");
  const follows = { type: "patch" as const, summary: `Follows ${names}, released from ${tags}` };
  written.push(...(await addChangeset(versioning, followers, follows)));
  for (const path of written) outside.answer(path);
  await writeChannels(versioning, Object.fromEntries(packages.map((name) => [name, null])));
  outside.say(`${packages.join(", ")} on no channel any more: the next \`slipway version\` gives releases`);
  return 0;
}

/** The release tells what its prereleases told, as leaving pre mode does; where they told nothing, that it is one. */
async function addGathered(
  versioning: LoadedVersioning,
  left: readonly VersionedPackage[],
  channels: Readonly<Record<PackageName, string>>,
): Promise<string[]> {
  const written: string[] = [];
  for (const each of left) {
    const changelog = await readText(join(versioning.root, each.dir, "CHANGELOG.md"));
    const gathered = prereleaseLines(changelog ?? "", versionOf(each) ?? "");
    const title = `Released from ${channels[each.name]}`;
    if (gathered.length === 0)
      written.push(...(await addChangeset(versioning, [each], { type: "patch", summary: title })));
    for (const { type, lines } of gathered) {
      const list = lines.map((line) => `- ${line.replaceAll(/\n(?=.)/g, "\n  ")}`).join("\n");
      written.push(...(await addChangeset(versioning, [each], { type, summary: `${title}:\n\n${list}` })));
    }
  }
  return written;
}

async function addChangeset(
  { root }: LoadedVersioning,
  packages: readonly VersionedPackage[],
  { type, summary }: { readonly type: Exclude<Bump, "none">; readonly summary: string },
): Promise<readonly string[]> {
  if (packages.length === 0) return [];
  const path = `.changeset/${freeChangesetName(root)}.md`;
  const releases = packages.map(({ name }) => ({ name, type }));
  await replaceText(join(root, path), changesetText({ releases, summary }));
  return [path];
}

/** While these were prereleases nobody followed them; those whose range the release is outside of do so now. */
function followersOf(
  left: readonly VersionedPackage[],
  { input }: LoadedVersioning,
): readonly VersionedPackage[] {
  const releases = new Map(left.map((each) => [each.name, versionOf(each)?.replace(/-.*$/, "") ?? ""]));
  return input.packages.filter((each) => {
    if (releases.has(each.name) || whySkipped(each, input) !== null) return false;
    return declaredEdges(each, input).some(({ field, to, range }) => {
      const release = releases.get(to);
      return field !== "devDependencies" && release !== undefined && outgrows(range, release);
    });
  });
}

/** What `workspace:` stood for when the dependent was published is not known here: a new major is outside of `^`. */
function outgrows(range: string, release: string): boolean {
  if (range === "workspace:*") return true;
  if (range === "workspace:^") return /^(?:\d+\.0\.0|0\..*)$/.test(release);
  if (range === "workspace:~") return release.endsWith(".0");
  return leavesRange(range, release);
}

async function writeChannels(
  { root, ownSettings }: LoadedVersioning,
  changed: Readonly<Record<PackageName, string | null>>,
): Promise<void> {
  const file = join(root, slipwaySettingsPath);
  const changes = Object.entries(changed).map(([name, value]) => {
    return { keys: ["changesets", "channels", name], value };
  });
  const rest = Object.keys(ownSettings.channels ?? {}).filter((name) => changed[name] !== null);
  const left = Object.values(changed).every((value) => value === null);
  const none = { keys: ["changesets", "channels"], value: null };
  await replaceText(file, editSettings(await readText(file), left && rest.length === 0 ? [none] : changes));
}

function refuseUnknown(packages: readonly PackageName[], { input }: LoadedVersioning): void {
  const names = input.packages.map(({ name }) => name);
  const problems = packages
    .filter((name) => !names.includes(name))
    .map((name) => {
      const guess = didYouMean(name, names);
      const hint = guess ? `did you mean "${guess}"?` : "`slipway graph` lists the packages";
      return { code: "package/unknown" as const, message: `there is no package "${name}"`, hint };
    });
  if (problems.length > 0) throw UserError.of(problems);
}
