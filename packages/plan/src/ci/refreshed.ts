import type { CiFacts } from "./types.ts";

/**
 * A file of ours with the version of Slipway that writes it; all else, comments and pins included, stays: the bots that
 * update pinned actions know these better.
 */
export function refreshed(text: string, { slipway }: Pick<CiFacts, "slipway">): string {
  return text.replaceAll(/\bnpx --yes slipway@[\w.+-]+/g, `npx --yes slipway@${slipway}`);
}
