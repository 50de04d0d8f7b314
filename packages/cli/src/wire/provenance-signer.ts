import type { CredentialOffer, ProvenancePolicy } from "@slipway/plan";
import {
  identityOf,
  offeredIdentity,
  provenanceStatement,
  publicRegistry,
  signProvenance,
} from "@slipway/registry";
import type { SealedTarball } from "@slipway/release";
import { readFileSync } from "node:fs";
import { isRecord, UserError } from "@slipway/kernel";

type Environment = Readonly<Record<string, string | undefined>>;

/** Signatures under way at once: each asks a certificate authority and a public log. */
const atOnceMax = 4;

/** What this job can sign, and for which registries it does so unasked: those that its identity alone uploads to. */
export function provenancePolicy(
  env: Environment,
  asked: boolean | null,
  offer: (registry: string) => CredentialOffer,
): ProvenancePolicy {
  const provider = offeredIdentity("sigstore", env);
  // npm takes statements of these two.
  const canSign = provider === "github" || provider === "gitlab";
  const isPublic = isPublicSource(env);
  return {
    asked,
    canSign,
    automatic: (url) => {
      const { identity, token } = offer(url);
      return isPublic && identity && (!token || url === publicRegistry);
    },
  };
}

/** Signs statements of where tarballs come from, some at a time. `SIGSTORE_FULCIO_URL` and `SIGSTORE_REKOR_URL` name other instances than the public ones. */
export function provenanceSigner(env: Environment): (tarball: SealedTarball) => Promise<string> {
  let running = 0;
  const waiting: (() => void)[] = [];
  const services = {
    identity: () => sigstoreIdentity(env),
    ...(env["SIGSTORE_FULCIO_URL"] ? { fulcioUrl: env["SIGSTORE_FULCIO_URL"] } : {}),
    ...(env["SIGSTORE_REKOR_URL"] ? { rekorUrl: env["SIGSTORE_REKOR_URL"] } : {}),
  };
  return async (tarball) => {
    if (running >= atOnceMax) await new Promise<void>((turn) => waiting.push(turn));
    running++;
    try {
      const statement = provenanceStatement(tarball, env);
      if (!statement) throw failed("this job is none of GitHub Actions or GitLab CI");
      return await signProvenance(statement, services);
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}

async function sigstoreIdentity(env: Environment): Promise<string> {
  const identity = await identityOf("sigstore", env);
  if (identity.kind === "token") return identity.token;
  throw failed(identity.because);
}

function failed(because: string): UserError {
  return new UserError("registry/provenance-failed", `the provenance could not be signed: ${because}`, {
    hint: "run the same command again, or publish without it: --no-provenance",
  });
}

/** The public log names repository and workflow: not those of a private one, unless asked. */
function isPublicSource(env: Environment): boolean {
  if (env["GITLAB_CI"]) return env["CI_PROJECT_VISIBILITY"] === "public";
  const path = env["GITHUB_EVENT_PATH"];
  if (!path) return false;
  try {
    const event: unknown = JSON.parse(readFileSync(path, "utf8"));
    const repository = isRecord(event) ? event["repository"] : undefined;
    return isRecord(repository) && (repository["visibility"] === "public" || repository["private"] === false);
  } catch {
    return false;
  }
}
