/** A dist-tag that releases pass through on their way to all users. */
export interface ReleaseChannel {
  readonly tag: string;
  /** How long a release stays before it goes on: `30m`, `12h`, `2d`; nothing when not said. */
  readonly soak?: string;
  /** What has to be well before it goes on. */
  readonly health?: readonly HealthCheck[];
}

/** One or more of three kinds of checks. */
export interface HealthCheck {
  /** A command line that ends with 0. */
  readonly command?: string;
  /** An address that answers 2xx. */
  readonly url?: string;
  /** Every version of the release can be installed by the channel's name, with an empty cache. */
  readonly install?: boolean;
}

export interface HealthResult {
  readonly check: string;
  /** Null: it is well. */
  readonly fault: string | null;
}

export interface PromotionFacts {
  readonly channels: readonly ReleaseChannel[];
  /** The dist-tags that point at every version of the release. */
  readonly tags: ReadonlySet<string>;
  /** Since when it is on the last channel that it reached. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /** Null: not checked yet. */
  readonly results: readonly HealthResult[] | null;
  /** True: neither time nor checks stop it. */
  readonly force: boolean;
}

export type PromotionDecision =
  | { readonly action: "wait"; readonly from: string; readonly to: string; readonly leftMs: number }
  | { readonly action: "check"; readonly from: string; readonly checks: readonly HealthCheck[] }
  | { readonly action: "promote"; readonly from: string; readonly to: string; readonly because: string }
  | { readonly action: "rollback"; readonly from: string; readonly because: string }
  /** It is on the last channel. */
  | { readonly action: "done"; readonly from: string }
  | { readonly action: "stranger" };

/**
 * What becomes of a release on its way through the channels. Time comes first: a check says the most at the end of the
 * soak time.
 */
export function decidePromotion(facts: PromotionFacts): PromotionDecision {
  const { channels, tags, results, force } = facts;
  const at = channels.findLastIndex(({ tag }) => tags.has(tag));
  const here = channels[at];
  const next = channels[at + 1];
  if (!here) return { action: "stranger" };
  if (!next) return { action: "done", from: here.tag };
  const step = { from: here.tag, to: next.tag };
  if (force) return { action: "promote", ...step, because: "forced" };
  const leftMs = facts.sinceMs + soakMs(here) - facts.nowMs;
  if (leftMs > 0) return { action: "wait", ...step, leftMs };
  const checks = here.health ?? [];
  if (checks.length > 0 && results === null) return { action: "check", from: here.tag, checks };
  const ill = (results ?? []).filter(({ fault }) => fault !== null);
  if (ill.length > 0) {
    const because = ill.map(({ check, fault }) => `${check}: ${fault ?? ""}`).join("; ");
    return { action: "rollback", from: here.tag, because };
  }
  const soaked = here.soak === undefined ? [] : [`${here.soak} on ${here.tag} are over`];
  const well = checks.length === 0 ? [] : ["its checks are well"];
  return { action: "promote", ...step, because: [...soaked, ...well].join(", ") || "nothing is in its way" };
}

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds. */
export function soakMs({ soak }: ReleaseChannel): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(soak ?? "") ?? [];
  return Number(count ?? 0) * unitsMs[(unit ?? "m") as keyof typeof unitsMs];
}
