import { eachAtOnce, UserError, type PackageName, type Problem } from "@slipway/kernel";
import type { CredentialOffer, PlannedPackage, ReleasePlan } from "@slipway/plan";
import {
  missingIdentity,
  offeredIdentity,
  registryAudience,
  registryClient,
  stagingClient,
  trustedPublishing,
  type NpmSettings,
  type RegistryClient,
  type StagingClient,
  type TrustedPublishing,
} from "@slipway/registry";

type Environment = Readonly<Record<string, string | undefined>>;
export type AskForPassword = (refused: string | null) => Promise<string | null>;

/** The registries of a release with what it may write to them. */
export interface Credentials {
  registry(url: string): OpenRegistry;
  /** What there is for a registry, by what stands in settings and environment; nothing is asked for. */
  offer(url: string): CredentialOffer;
  /** Why trusted publishing cannot be used in this CI job; null where it can, and outside of such jobs. */
  whyNoIdentity(url: string): string | null;
}

export interface OpenRegistry extends RegistryClient {
  readonly staging: StagingClient;
  readonly publishing: TrustedPublishing;
}

export function openCredentials(npmrc: NpmSettings, env: Environment, otp: AskForPassword): Credentials {
  const open = new Map<string, OpenRegistry>();
  return {
    registry: (url) => {
      const known = open.get(url);
      if (known) return known;
      const target = npmrc.target(url);
      const publishing = trustedPublishing(target, { env });
      const options = { otp, uploadAuth: publishing.uploadAuth };
      const opened = {
        ...registryClient(target, options),
        staging: stagingClient(target, options),
        publishing,
      };
      open.set(url, opened);
      return opened;
    },
    offer: (registry) => ({
      registry,
      token: npmrc.target(registry).auth !== null,
      identity: offeredIdentity(registryAudience(registry), env) !== null,
    }),
    whyNoIdentity: (url) => missingIdentity(registryAudience(url), env),
  };
}

/**
 * What the plan needs and the settings do not have, said before anything is built.
 *
 * @throws UserError release/needs-token with all of it
 */
export async function requireCredentials(
  { packages, mode }: ReleasePlan,
  credentials: Credentials,
): Promise<void> {
  const problems: Problem[] = [];
  for (const url of new Set(packages.map(({ registry }) => registry))) {
    const { token, identity } = credentials.offer(url);
    if (token) continue;
    if (!identity) {
      const because = credentials.whyNoIdentity(url);
      problems.push(
        problem(`there are no credentials for ${url}${because === null ? "" : `, and ${because}`}`),
      );
    } else if (mode === "tag") {
      problems.push(
        problem(
          `moving dist-tags on ${url} needs a token: the identity of a CI job may upload and stage only`,
        ),
      );
    } else {
      const names = packages.filter(
        (each) => each.registry === url && each.first && each.state === "missing",
      );
      for (const { name } of names) {
        // Somebody may have made it since the plan was sealed.
        if ((await credentials.registry(url).view(name)) !== null) continue;
        problems.push(problem(`${name} is new on ${url}: trusted publishing cannot make a package`));
      }
    }
  }
  if (problems.length === 0) return;
  throw new UserError("release/needs-token", problems[0]?.message ?? "", {
    hint: "add a line such as //HOST/:_authToken=${NPM_TOKEN} to .npmrc, and set the variable; `slipway release --plan` shows what is needed",
    problems,
  });
}

function problem(message: string): Problem {
  return { code: "release/needs-token", message };
}

export interface RightsRequest {
  readonly plan: ReleasePlan;
  /** What an earlier run has uploaded. */
  readonly uploaded: ReadonlySet<PackageName>;
  readonly credentials: Credentials;
  readonly note: (text: string) => void;
}

/**
 * Proves, before the first byte goes out, that every package may go through every phase: one exchange for each that
 * trusted publishing uploads, one harmless write for each whose dist-tags a token moves.
 *
 * @throws UserError release/no-right with all that is missing; registry/unreachable
 */
export async function proveRights(request: RightsRequest): Promise<void> {
  const { plan, uploaded } = request;
  const problems: Problem[] = [];
  const fallen: string[] = [];
  const pending = plan.packages.filter(({ name, state }) => state === "missing" && !uploaded.has(name));
  await eachAtOnce(pending, atOnce, async (each) => {
    const found = await uploadRight(each, request);
    if (found.kind === "refused") problems.push(found.problem);
    if (found.kind === "token-instead") fallen.push(`${each.name} (${found.because})`);
  });
  if (plan.mode === "tag") {
    await eachAtOnce(plan.packages, atOnce, async (each) => {
      const found = await changeRight(each, request);
      if (found) problems.push(found);
    });
  }
  if (fallen.length > 0) {
    const named = fallen.toSorted().slice(0, namedMax).join(", ");
    const more = fallen.length > namedMax ? ` and ${fallen.length - namedMax} more` : "";
    request.note(`trusted publishing is not set up, and the token is used, for ${named}${more}`);
  }
  if (problems.length === 0) return;
  throw new UserError("release/no-right", "rights are missing for this release; nothing was uploaded", {
    problems: problems.toSorted((one, other) => (one.message < other.message ? -1 : 1)),
  });
}

const atOnce = 8;
const namedMax = 5;

type UploadRight =
  | { readonly kind: "granted" | "not-asked" }
  | { readonly kind: "token-instead"; readonly because: string }
  | { readonly kind: "refused"; readonly problem: Problem };

async function uploadRight(each: PlannedPackage, { credentials, plan }: RightsRequest): Promise<UploadRight> {
  const { token, identity } = credentials.offer(each.registry);
  if (!identity) return { kind: "not-asked" };
  const exchange = await credentials.registry(each.registry).publishing.prove(each.name);
  if (exchange.outcome === "granted") return { kind: "granted" };
  // Registries that know nothing of trusted publishing answer in many ways.
  if (token) return { kind: "token-instead", because: exchange.message };
  if (exchange.outcome === "unreachable") {
    throw new UserError(
      "registry/unreachable",
      `${each.registry} does not exchange the job's identity for a token: ${exchange.message}`,
      { hint: "nothing was uploaded; run the same command again" },
    );
  }
  const verb = plan.mode === "stage" ? "staged" : "uploaded";
  const message = `${each.name} cannot be ${verb} by trusted publishing: ${exchange.message}`;
  // Without a status no registry was asked: the CI refused to say who the job is.
  const hint =
    exchange.status === 0
      ? "the job needs `permissions: id-token: write`, and an identity that has not expired: start it again"
      : "add this repository and workflow as a trusted publisher in the package's settings on the registry";
  return { kind: "refused", problem: { code: "release/no-right", message, hint } };
}

/** Nobody has it. Taking it away changes nothing, and is refused to whom changing is refused. */
const unusedTag = "slipway-proof";

async function changeRight(each: PlannedPackage, { credentials }: RightsRequest): Promise<Problem | null> {
  // There is nothing yet to prove a right to.
  if (each.first && each.state === "missing") return null;
  const answer = await credentials.registry(each.registry).proveRight(each.name, unusedTag);
  if (answer.outcome !== "permanent" || answer.cause === "invalid") return null;
  const message = `the dist-tags of ${each.name} cannot be moved on ${each.registry}: ${answer.message}`;
  return { code: "release/no-right", message, ...(answer.hint === undefined ? {} : { hint: answer.hint }) };
}
