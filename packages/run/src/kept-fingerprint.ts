import { looksSecret } from "./environment.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { carriesSecret } from "./redact.ts";

/**
 * A fingerprint as it may lie on disk and be shown. Where it says something of a secret, it says it in digests that only
 * this machine can compute: comparing two of them works here, and guessing works nowhere.
 *
 * @param env where the counted values were taken from
 */
export function keptFingerprint(
  value: Fingerprint,
  env: Readonly<Record<string, string>>,
  keyedDigest: (secret: string) => string,
): Fingerprint {
  const disguised = (secret: string): string => `hmac-sha256:${keyedDigest(secret)}`;
  const kept = (name: string, counted: string | null): string | null => {
    const real = env[name] ?? "";
    const isSecret = counted !== null && (looksSecret(name) || carriesSecret(real));
    return isSecret ? disguised(`${name}=${real}`) : counted;
  };
  return {
    ...value,
    dotenv: mapped(value.dotenv, (path, digest) => disguised(`${path}=${digest}`)),
    env: mapped(value.env, kept),
  };
}

function mapped<V>(
  record: Readonly<Record<string, V>>,
  change: (name: string, value: V) => V,
): Record<string, V> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(name, value)]));
}
