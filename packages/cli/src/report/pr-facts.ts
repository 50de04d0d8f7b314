import { isRecord, UserError } from "@slipway/kernel";
import type { Bump } from "@slipway/plan";

/** What a comment is made from; `slipway pr-comment --json` prints it, and a job with a token reads it as a stranger's. */
export interface PrFacts {
  readonly schema: 1;
  readonly bumps: readonly {
    readonly package: string;
    readonly bump: Bump;
    readonly from: string;
    readonly to: string;
  }[];
  /** Changed packages that no changeset of the branch names. */
  readonly missing: readonly string[];
  /** What the branch that it would go into may not release, in sentences. Facts of earlier versions lack it. */
  readonly beyond?: readonly string[];
  /** How many changesets the branch adds. */
  readonly added: number;
  /** True: the branch is the one that gives the versions. */
  readonly versioning: boolean;
}

const BYTES_MAX = 1_000_000;
const NAME_LENGTH_MAX = 214;
const VERSION_LENGTH_MAX = 256;
const SENTENCE_LENGTH_MAX = 2000;
const ITEMS_MAX = 10_000;

/**
 * Reads facts that a job on a stranger's branch wrote: anything may stand there.
 *
 * @throws UserError config/malformed
 */
export function readPrFacts(text: string, file: string): PrFacts {
  const value = text.length > BYTES_MAX ? undefined : parsed(text);
  if (!isFacts(value))
    throw new UserError(
      "config/malformed",
      `${file} does not hold what \`slipway pr-comment --json\` writes`,
    );
  return value;
}

function isFacts(value: unknown): value is PrFacts {
  if (!isRecord(value) || value["schema"] !== 1 || typeof value["versioning"] !== "boolean") return false;
  const { bumps, missing, added, beyond = [] } = value;
  return (
    Number.isInteger(added) &&
    isList(missing, (each) => isText(each, NAME_LENGTH_MAX)) &&
    isList(beyond, (each) => isText(each, SENTENCE_LENGTH_MAX)) &&
    isList(bumps, (each) => isRecord(each) && isBump(each))
  );
}

function isBump(each: Record<string, unknown>): boolean {
  return (
    isText(each["package"], NAME_LENGTH_MAX) &&
    ["none", "patch", "minor", "major"].includes(String(each["bump"])) &&
    typeof each["bump"] === "string" &&
    isText(each["from"], VERSION_LENGTH_MAX) &&
    isText(each["to"], VERSION_LENGTH_MAX)
  );
}

function isList(value: unknown, holds: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= ITEMS_MAX && value.every((each) => holds(each));
}

function isText(value: unknown, lengthMax: number): boolean {
  return typeof value === "string" && value.length <= lengthMax;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
