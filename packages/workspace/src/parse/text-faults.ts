import { positionAt, type Problem, type UserErrorCode } from "@slipway/kernel";

/** Deeper nesting is no configuration anybody wrote, and would exhaust the stack of whoever walks the value. */
export const nestingDepthMax = 200;

export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** The code of problems in this file. */
  readonly code: UserErrorCode;
}

export function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** A problem that explains a text better than any parser's complaint: wrong encoding, a merge left half done; else null. */
export function textFault(source: SourceText): Problem | null {
  const { file, text, code } = source;
  if (text.startsWith("\u{fffd}\u{fffd}") || text.slice(0, 8).includes("\0")) {
    const message = `${file} is not UTF-8 (it looks like UTF-16)`;
    return { code, message, file, line: 1, column: 1, hint: "save the file as UTF-8" };
  }
  const marker = /^<{7} .*$/m.exec(text);
  if (marker && /^>{7} /m.test(text)) {
    const message = `${file} holds an unresolved merge conflict`;
    return { code, message, file, ...positionAt(text, marker.index), hint: "resolve the conflict" };
  }
  return null;
}
