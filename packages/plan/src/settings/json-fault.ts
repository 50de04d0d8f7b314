import { positionAt, type Problem } from "@slipway/kernel";
import { printParseErrorCode, type ParseError } from "jsonc-parser";

export interface JsonFault {
  /** What follows the name of the file's content: `is not JSON: colon expected`. */
  readonly what: string;
  readonly place: Pick<Problem, "line" | "column">;
}

/** Why a text is not JSON, in words; a merge that was not finished is told as such. */
export function jsonFault(text: string, errors: readonly ParseError[], isEmpty: boolean): JsonFault | null {
  const conflict = /^<{7} .*$/m.exec(text);
  const [error] = errors;
  if (conflict && error)
    return {
      what: "holds the markers of an unsolved merge conflict",
      place: positionAt(text, conflict.index),
    };
  if (!error && !isEmpty) return null;
  const words = error
    ? printParseErrorCode(error.error).replaceAll(/(?<=[a-z])[A-Z]/g, " $&")
    : "it is empty";
  return { what: `is not JSON: ${words.toLowerCase()}`, place: positionAt(text, error?.offset ?? 0) };
}
