import { join } from "node:path";
import type { FaultRegistry, FaultRoute } from "../../../packages/testkit/src/index.ts";
import { publish, publishersByHand, type Publisher } from "../../publishers/publishers.ts";
import { inWords, lackedBy, standingOf, type Standing } from "../../publishers/standing.ts";
import type { PublisherWorkspace } from "../../publishers/workspace.ts";

export const names = [0, 1, 2].map((at) => `@trial/p${at}`);
/** Whose answer is lost. */
export const lostOne = "@trial/p1";
const version = "1.1.0";

export interface Place {
  readonly registry: FaultRegistry;
  readonly workspace: PublisherWorkspace;
}

/** What one publisher is asked to do of a step. */
export interface Course {
  readonly publisher: Publisher;
  readonly command: string;
  /** What has to be there before; answers with the arguments. Nothing of it fails. */
  readonly prepare: (place: Place) => Promise<readonly string[]> | readonly string[];
  readonly stands: (place: Place) => Promise<string> | string;
  /** What is not as it was asked for. */
  readonly lacks: (place: Place) => Promise<readonly string[]> | readonly string[];
}

export interface Step {
  readonly title: string;
  readonly route: FaultRoute;
  readonly words: string;
  readonly courses: readonly Course[];
}

/** Every publisher that has such a step. */
export function steps(): readonly Step[] {
  const all = publishersByHand().filter(({ missing }) => missing === null);
  const named = (start: string): readonly Publisher[] => all.filter(({ name }) => name.startsWith(start));
  const npm = named("npm");
  return [
    {
      title: "publish",
      route: "PUT /:name",
      words:
        "Three packages, each needing those before it, 1.0.0 of all is out; the answer to the upload of the second is lost, once. " +
        "npm, pnpm, lerna and nx make no git tags here, so none are missing. Everybody is told to wait three seconds for an " +
        "answer (`fetch-timeout`). None but Slipway pushes tags as a part of publishing: lerna and nx do that before, with " +
        "Changesets it is a `git push` by hand or by its action.",
      courses: all.map((publisher) => wholeBatch(publisher)),
    },
    {
      title: "dist-tag",
      route: "PUT /-/package/:name/dist-tags/:tag",
      words:
        "The answer to the dist-tag of the second package is lost, once. Slipway and lerna with `--temp-tag` move dist-tags as " +
        "a part of a release; with npm and pnpm it is a command of its own. Changesets has no such step, and nx only for " +
        "versions that are there already.",
      courses: [
        ...named("slipway").map((publisher) => wholeBatch(publisher)),
        ...named("lerna")
          .filter(({ startsClean }) => !startsClean)
          .map((publisher) => wholeBatch(publisher, ["--temp-tag"])),
        ...[...npm, ...named("pnpm")].map((publisher) => oneTag(publisher)),
      ],
    },
    {
      title: "stage",
      route: "POST /-/stage/package/:name",
      words:
        "The answer to staging the second package is lost, once. Of the others only npm stages; Slipway's releases of this kind " +
        "are in the figures above.",
      courses: npm.map((publisher) => stageAll(publisher)),
    },
    {
      title: "approve",
      route: "POST /-/stage/:id/approve",
      words: "The answer to the approval of the second package is lost, once.",
      courses: npm.map((publisher) => approveOne(publisher)),
    },
  ];
}

function wholeBatch(publisher: Publisher, flags: readonly string[] = []): Course {
  return {
    publisher,
    command: [publisher.name, ...flags].join(" "),
    prepare: ({ workspace }) =>
      publisher.name === "slipway"
        ? ["release", "--from", sealedOf(workspace), "--yes"]
        : [...publisher.args, ...flags],
    stands: (place) => inWords(standing(place)),
    lacks: (place) => [
      ...lackedBy(standing(place), names.length, publisher),
      ...leftTags(place.registry).map((tag) => `${tag} is left`),
    ],
  };
}

function standing({ registry, workspace }: Place): Standing {
  return standingOf(registry, workspace.clone, { names, version });
}

export function sealedOf({ folder }: PublisherWorkspace): string {
  return join(folder, "sealed");
}

/** What was meant for the time of the release alone; Slipway's own goes with the last look. */
function leftTags(registry: FaultRegistry): string[] {
  const there = registry.snapshot();
  return names.flatMap((name) =>
    Object.keys(there[name]?.distTags ?? {})
      .filter((tag) => tag !== "latest")
      .map((tag) => `${tag} of ${name}`),
  );
}

function oneTag(publisher: Publisher): Course {
  return {
    publisher,
    command: `${publisher.name.split(" ")[0]} dist-tag add`,
    prepare: () => ["dist-tag", "add", `${lostOne}@1.0.0`, "next"],
    stands: (place) => (isTagged(place) ? "the tag is set" : "the tag is not set"),
    lacks: (place) => (isTagged(place) ? [] : ["the tag"]),
  };
}

function isTagged({ registry }: Place): boolean {
  return registry.snapshot()[lostOne]?.distTags["next"] === "1.0.0";
}

function stageAll(publisher: Publisher): Course {
  return {
    publisher,
    command: "npm stage publish --workspaces",
    prepare: () => ["stage", "publish", "--workspaces"],
    stands: async (place) => `${(await staged(place)).length} staged`,
    lacks: async (place) => {
      const there = (await staged(place)).map(({ packageName }) => packageName);
      return names.filter((name) => !there.includes(name)).map((name) => `${name} is not staged`);
    },
  };
}

function approveOne(publisher: Publisher): Course {
  return {
    publisher,
    command: "npm stage approve",
    prepare: async (place) => {
      await publish({ ...publisher, args: ["stage", "publish", "--workspaces"] }, place.workspace);
      const one = (await staged(place)).find(({ packageName }) => packageName === lostOne);
      if (!one) throw new Error(`${lostOne} was not staged`);
      return ["stage", "approve", one.id];
    },
    stands: (place) => (isOut(place) ? "the version is out" : "the version is not out"),
    lacks: (place) => (isOut(place) ? [] : ["the version"]),
  };
}

function isOut({ registry }: Place): boolean {
  return registry.snapshot()[lostOne]?.versions[version] !== undefined;
}

interface Staged {
  readonly id: string;
  readonly packageName: string;
}

async function staged({ workspace: { url } }: Place): Promise<readonly Staged[]> {
  const response = await fetch(`${url}-/stage`, { headers: { authorization: "Bearer trial" } });
  return ((await response.json()) as { readonly items: readonly Staged[] }).items;
}
