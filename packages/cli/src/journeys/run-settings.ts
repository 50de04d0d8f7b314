import { UserError } from "@slipway/kernel";
import type { RunOptions } from "@slipway/run";

/** `4`, or `50%` of the processors, at least one; without a word as many as there are processors. */
export function concurrencyOf(text: string | undefined, processors: number): number {
  if (text === undefined) return processors;
  const [, digits, percent] = /^(\d+)(%?)$/.exec(text.trim()) ?? [];
  const number = Number(digits);
  if (digits === undefined || number < 1) {
    throw new UserError(
      "cli/bad-argument",
      `--concurrency takes a number from 1 or a share such as 50%; got "${text}"`,
    );
  }
  return percent ? Math.max(1, Math.floor((processors * number) / 100)) : number;
}

/**
 * `local:rw,remote:r`: what a run may read and write where. A place that is not named is not used; without any rule
 * all is allowed that is configured.
 */
export function cacheRulesOf(text: string | undefined): Readonly<Record<CachePlace, Access>> {
  if (text === undefined) return { local: { read: true, write: true }, remote: { read: true, write: true } };
  const rules: Record<CachePlace, Access> = { local: none, remote: none };
  for (const part of text.split(",")) {
    const [, place, access] = /^(local|remote):(rw?|w)?$/.exec(part.trim()) ?? [];
    if (place !== "local" && place !== "remote") {
      throw new UserError("cli/bad-argument", `--cache does not understand "${part}"`, {
        hint: "it takes rules such as local:rw,remote:r",
      });
    }
    rules[place] = { read: access?.includes("r") ?? false, write: access?.includes("w") ?? false };
  }
  return rules;
}

export type CachePlace = "local" | "remote";

interface Access {
  readonly read: boolean;
  readonly write: boolean;
}

const none: Access = { read: false, write: false };

/** `--force` runs everything and stores it anew. */
export function cacheAccess(flags: {
  readonly cache: string | undefined;
  readonly force: boolean;
}): RunOptions["cache"] {
  const { local } = cacheRulesOf(flags.cache);
  return { read: local.read && !flags.force, write: local.write };
}
