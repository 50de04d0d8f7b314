import { UserError } from "@slipway/kernel";
import type { RunOptions } from "@slipway/run";
import type { CacheRules } from "../wire/open-store.ts";

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
 * all is allowed that is configured. `--force` reads nothing and stores everything anew.
 */
export function cacheRulesOf({ cache: text, force }: CacheFlags): CacheRules {
  const rules = text === undefined ? everything : rulesIn(text);
  const { local, remote } = rules;
  return force ? { local: { ...local, read: false }, remote: { ...remote, read: false } } : rules;
}

interface CacheFlags {
  readonly cache: string | undefined;
  readonly force: boolean;
}

const everything: CacheRules = { local: { read: true, write: true }, remote: { read: true, write: true } };

function rulesIn(text: string): CacheRules {
  const none = { read: false, write: false };
  const rules: Record<"local" | "remote", CacheRules["local"]> = { local: none, remote: none };
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

/** Whether a run looks anything up and stores anything at all. */
export function cacheAccess({ local, remote }: CacheRules, hasShared: boolean): RunOptions["cache"] {
  return {
    read: local.read || (hasShared && remote.read),
    write: local.write || (hasShared && remote.write),
  };
}

/** What is asked of a shared cache where there is none: null when nothing is. */
export function sharedCacheMissing({ cache }: CacheFlags, hasShared: boolean): string | null {
  if (hasShared || cache === undefined || !/\bremote:[rw]/.test(cache)) return null;
  return "warning: --cache names a shared cache, and there is none: SLIPWAY_REMOTE_CACHE holds no address";
}
