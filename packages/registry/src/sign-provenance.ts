import { UserError } from "@slipway/kernel";

export interface SigningServices {
  /** A fresh identity token for the audience `sigstore`; asked for each signature, since it lives for minutes. */
  readonly identity: () => Promise<string>;
  /** Sigstore's public instances when not said. */
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
}

const statementType = "application/vnd.in-toto+json";
const attemptsMaximum = 3;

/**
 * Signs a statement without a key of its own: a certificate for this job's identity, good for minutes, and an entry in
 * a public log. The bundle comes as JSON text, to be sent along with the tarball.
 */
export async function signProvenance(
  statement: Readonly<Record<string, unknown>>,
  services: SigningServices,
): Promise<string> {
  const [{ DSSEBundleBuilder, FulcioSigner, RekorWitness }, { bundleToJSON }] = await Promise.all([
    import("@sigstore/sign"),
    import("@sigstore/bundle"),
  ]);
  const identityProvider = { getToken: services.identity };
  const fulcio = services.fulcioUrl === undefined ? {} : { fulcioBaseURL: services.fulcioUrl };
  const rekor = services.rekorUrl === undefined ? {} : { rekorBaseURL: services.rekorUrl };
  const artifact = { data: Buffer.from(JSON.stringify(statement)), type: statementType };
  for (let attempt = 1; ; attempt++) {
    try {
      const signer = new FulcioSigner({ ...fulcio, identityProvider });
      const builder = new DSSEBundleBuilder({ signer, witnesses: [new RekorWitness(rekor)] });
      return JSON.stringify(bundleToJSON(await builder.create(artifact)));
    } catch (cause) {
      // The log has this entry already: another key makes another entry.
      if (attempt < attemptsMaximum && statusOf(cause) === 409) continue;
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new UserError("registry/provenance-failed", `the provenance could not be signed: ${message}`, {
        cause,
        hint: "run the same command again; without provenance nothing was sent",
      });
    }
  }
}

function statusOf(error: unknown): number | undefined {
  const { statusCode, cause } = error as { statusCode?: number; cause?: unknown };
  return statusCode ?? (cause === undefined || cause === null ? undefined : statusOf(cause));
}
