import type { PackageName } from "@slipway/kernel";
import type { Transport } from "./http.ts";
import { exchangeIdentity, identityOf, registryAudience, type Exchange, type Identity } from "./identity.ts";
import type { RegistryAuth, RegistryTarget } from "./npm-settings.ts";

/** Tokens of trusted publishing: one a package, held in memory alone, replaced before they are old. */
export interface TrustedPublishing {
  /** Asks for the package's token, again when a registry is ill. */
  readonly prove: (name: PackageName) => Promise<Exchange>;
  /** Null for a package that was not granted a token; one that the registry has just refused is replaced. */
  readonly uploadAuth: (name: PackageName, refused?: RegistryAuth) => Promise<RegistryAuth | null>;
}

export interface TrustedPublishingOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly transport?: Transport;
  readonly now?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
}

/** GitHub's identities live for five minutes or more; registries' tokens for longer. */
const identityAgeMaxMs = 120_000;
const tokenAgeMaxMs = 300_000;
const attemptsMax = 4;
const firstWaitMs = 500;

interface Kept<T> {
  readonly value: T;
  readonly sinceMs: number;
}

export function trustedPublishing(
  target: RegistryTarget,
  options: TrustedPublishingOptions,
): TrustedPublishing {
  const now = options.now ?? Date.now;
  const wait = options.wait ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)));
  const tokens = new Map<PackageName, Kept<RegistryAuth>>();
  let identity: Kept<Promise<Identity>> | null = null;

  function identityNow(): Promise<Identity> {
    if (!identity || now() - identity.sinceMs > identityAgeMaxMs) {
      const value = identityOf(registryAudience(target.url), options.env, options.transport);
      identity = { value, sinceMs: now() };
    }
    return identity.value;
  }

  async function exchanged(name: PackageName): Promise<Exchange> {
    const found = await identityNow();
    if (found.kind === "none") {
      identity = null;
      return found.passing
        ? { outcome: "unreachable", message: found.because }
        : { outcome: "refused", status: 0, message: found.because };
    }
    const exchange = await exchangeIdentity(target, { name, identity: found.token }, options.transport);
    if (exchange.outcome === "granted") {
      tokens.set(name, { value: { kind: "bearer", token: exchange.token }, sinceMs: now() });
    }
    return exchange;
  }

  async function prove(name: PackageName): Promise<Exchange> {
    for (let attempt = 1; ; attempt++) {
      const exchange = await exchanged(name);
      if (exchange.outcome !== "unreachable" || attempt === attemptsMax) return exchange;
      await wait(firstWaitMs * 2 ** (attempt - 1));
    }
  }

  return {
    prove,
    uploadAuth: async (name, refused) => {
      const kept = tokens.get(name);
      if (!kept) return null;
      const isOld = now() - kept.sinceMs > tokenAgeMaxMs;
      const isRefused =
        refused?.kind === "bearer" && kept.value.kind === "bearer" && refused.token === kept.value.token;
      if (isOld || isRefused) await exchanged(name);
      return tokens.get(name)?.value ?? null;
    },
  };
}
