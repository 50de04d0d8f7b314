import type { NpmSettings } from "@slipway/registry";

type Environment = Readonly<Record<string, string | undefined>>;

/** What publishes, tags or says who this job is; builds of the repository get none of it. */
const known: ReadonlySet<string> = new Set([
  "NPM_TOKEN",
  "NODE_AUTH_TOKEN",
  "NPM_ID_TOKEN",
  "SIGSTORE_ID_TOKEN",
  "ACTIONS_ID_TOKEN_REQUEST_URL",
  "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
  "GITHUB_TOKEN",
  "GH_TOKEN",
  "GITLAB_TOKEN",
  "CI_JOB_TOKEN",
]);

/** Too short to be a secret, and so common that hiding it would garble what is said. */
const secretLengthMin = 6;

/** The values themselves, the longest first: one may be a part of another. */
export function secretsIn(env: Environment, npmrc: NpmSettings): readonly string[] {
  const named = [...known, ...npmrc.secretVariables].map((name) => env[name] ?? "");
  const all = new Set([...named, ...npmrc.secrets()].filter(({ length }) => length >= secretLengthMin));
  return [...all].toSorted((one, other) => other.length - one.length);
}

export interface Withheld {
  /** Variables that .npmrc names stay: installing from a private registry reads with them. */
  readonly installing: boolean;
}

/**
 * An environment without the credentials of a release: scripts of the repository run in it. What .npmrc names is empty
 * rather than gone, since package managers refuse to start where a variable is missing.
 */
export function withoutCredentials(
  env: Environment,
  npmrc: NpmSettings,
  { installing }: Withheld = { installing: false },
): Environment {
  const named = new Set(npmrc.secretVariables);
  const kept: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(env)) {
    if (named.has(name)) kept[name] = installing || value === undefined ? value : "";
    else if (!known.has(name) && !/^npm_config_(.*:)?(_auth|_authtoken|_password|otp)$/i.test(name))
      kept[name] = value;
  }
  return kept;
}
