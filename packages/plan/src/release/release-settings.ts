import { didYouMean, isRecord, type Checked, type Problem } from "@slipway/kernel";
import { parse, printParseErrorCode, type ParseError } from "jsonc-parser";

/** `release` in slipway.json; all of it may be left out. */
export interface ReleaseSettings {
  /** `together`: all git tags in one atomic push. `each`: one push a tag, for workflows that start on a tag's push. */
  readonly tags: "together" | "each";
  /** One more tag for the whole batch, pushed alone after the others: forges drop the events of more than three tags. */
  readonly batchTag: boolean;
  /** A ref on `origin` keeps other machines from releasing at the same time. */
  readonly lock: boolean;
}

export const defaultReleaseSettings: ReleaseSettings = { tags: "together", batchTag: true, lock: true };

const file = "slipway.json";

/** @param text of slipway.json; null when there is none */
export function readReleaseSettings(text: string | null): Checked<ReleaseSettings> {
  const fine = (value: ReleaseSettings): Checked<ReleaseSettings> => ({ ok: true, value, warnings: [] });
  if (text === null) return fine(defaultReleaseSettings);
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error) return refused([`${file} is not JSON: ${printParseErrorCode(error.error)}`]);
  const given = isRecord(root) ? root["release"] : undefined;
  if (given === undefined) return fine(defaultReleaseSettings);
  if (!isRecord(given)) return refused([`"release" in ${file} has to be an object`]);
  const faults = Object.entries(given).flatMap(([key, value]) => faultOf(key, value) ?? []);
  if (faults.length > 0) return refused(faults);
  return fine({ ...defaultReleaseSettings, ...given });
}

function faultOf(key: string, value: unknown): string | null {
  const place = `"release.${key}" in ${file}`;
  switch (key) {
    case "tags":
      return value === "together" || value === "each" ? null : `${place} has to be "together" or "each"`;
    case "batchTag":
    case "lock":
      return typeof value === "boolean" ? null : `${place} has to be true or false`;
    default: {
      const guess = didYouMean(key, Object.keys(defaultReleaseSettings));
      return `${place} is not known${guess === undefined ? "" : `; did you mean "${guess}"?`}`;
    }
  }
}

function refused(messages: readonly string[]): Checked<ReleaseSettings> {
  const problems = messages.map((message): Problem => ({ code: "config/malformed", message, file }));
  return { ok: false, problems, warnings: [] };
}
