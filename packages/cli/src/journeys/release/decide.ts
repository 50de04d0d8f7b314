import { UserError } from "@slipway/kernel";
import {
  chooseMode,
  inChannel,
  inMode,
  losesProvenance,
  movesBack,
  withProvenance,
  type ChosenMode,
  type ProvenancePolicy,
  type ReleasePlan,
} from "@slipway/plan";
import type { NpmSettings } from "@slipway/registry";
import { provenancePolicy } from "../../wire/provenance-signer.ts";
import type { ReleaseGround } from "./ground.ts";
import { viewsOf } from "./plan-batch.ts";
import type { ReleaseRequest } from "./request.ts";

/** What the credentials of this job decide about a release, with what was asked for. */
export function decisions(
  { credentials, settings }: ReleaseGround,
  request: ReleaseRequest,
): {
  readonly modeFor: (registries: readonly string[]) => ChosenMode;
  readonly provenance: ProvenancePolicy;
} {
  return {
    modeFor: (urls) =>
      chooseMode(
        request.mode ?? settings.mode,
        urls.map((url) => credentials.offer(url)),
      ),
    provenance: provenancePolicy(request.env, request.provenance ?? null, (url) => credentials.offer(url)),
  };
}

/** What was sealed was planned by a job without credentials: how it becomes visible is decided where it goes out. */
export async function ownPlan(
  plan: ReleasePlan,
  ground: ReleaseGround,
  request: ReleaseRequest,
): Promise<ReleasePlan> {
  const registries = [...new Set(plan.packages.map(({ registry }) => registry))];
  const { modeFor, provenance } = decisions(ground, request);
  const own = withProvenance(inMode(plan, modeFor(registries)), provenance);
  const { channel } = request;
  if (channel === null || channel === plan.channel) return own;
  const published = await viewsOf(own.packages, ground);
  return inChannel(own, channel, published);
}

/** `provenance` of .npmrc or NPM_CONFIG_PROVENANCE; null when nothing is said. */
export function provenanceSetting(npmrc: NpmSettings): boolean | null {
  const said = npmrc.get("provenance");
  return said === "true" ? true : said === "false" ? false : null;
}

/** @throws UserError release/less-provenance naming the packages whose users had it before */
export function requireProvenance(plan: ReleasePlan): void {
  const names = losesProvenance(plan).map(({ name }) => name);
  if (names.length === 0) return;
  throw new UserError(
    "release/less-provenance",
    `the versions before came with provenance, these would not: ${names.join(", ")}`,
    {
      hint: "release from the CI job that builds them (GitHub: `permissions: id-token: write`; GitLab: an id_token SIGSTORE_ID_TOKEN); `--no-provenance` publishes them all the same",
    },
  );
}

/** @throws UserError release/moves-back where `latest` would go to a lower version, and nobody asked for that */
export function requireForward(plan: ReleasePlan): void {
  if (plan.channel !== null) return;
  const back = movesBack(plan).filter(({ tag, state }) => tag === "latest" && state === "missing");
  if (back.length === 0) return;
  const named = back.map(({ name, from, version }) => `${name} from ${from} to ${version}`).join(", ");
  throw new UserError("release/moves-back", `latest would go back: ${named}`, {
    hint: "`--channel TAG` releases them under another dist-tag; `--channel latest` moves it back all the same",
  });
}
