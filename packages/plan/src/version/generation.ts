import { isRecord } from "@slipway/kernel";
import { minVersion, validRange } from "semver";
import type { Generation } from "./types.ts";

export interface GenerationSigns {
  /** From slipway.json or the command line. */
  readonly chosen: Generation | null;
  /** The range of `@changesets/cli` in the root's manifest, catalogs resolved; null: it is no dependency. */
  readonly cliRange: string | null;
  /** The text of `.changeset/config.json`. */
  readonly configText: string | null;
  /** `.changeset/pre.json` as parsed. */
  readonly preState: unknown;
}

/** Which of the two generations' rules a repository counts on, and how that was found. */
export function detectGeneration(signs: GenerationSigns): { generation: Generation; because: string } {
  if (signs.chosen)
    return { generation: signs.chosen, because: "chosen in slipway.json or on the command line" };
  const own = signs.cliRange !== null && validRange(signs.cliRange) ? minVersion(signs.cliRange) : null;
  if (own && own.major >= 1)
    return {
      generation: own.major >= 3 ? 3 : 2,
      because: `the repository has @changesets/cli ${signs.cliRange}`,
    };
  const schema = /@changesets\/config@(\d+)/.exec(signs.configText ?? "")?.[1];
  if (schema !== undefined) {
    return {
      generation: Number(schema) >= 4 ? 3 : 2,
      because: `the $schema of .changeset/config.json is that of @changesets/config ${schema}`,
    };
  }
  const { preState } = signs;
  if (isRecord(preState) && (isRecord(preState["initialVersions"]) || Array.isArray(preState["changesets"])))
    return { generation: 2, because: ".changeset/pre.json is in the form of Changesets 2" };
  return { generation: 3, because: "nothing says which, so the rules of Changesets 3 were taken" };
}
