import { isRecord } from "@slipway/kernel";
import { isModule, type Finding, type Rule } from "./tree.ts";

const FILE_LINES_MAX = 300;

/** A file is read in one go. How long a function may be is the linter's rule. */
export const fileCeiling: Rule = function* (tree) {
  for (const { path, text } of tree.modules) {
    const lines = text.split("\n").length - 1;
    if (lines > FILE_LINES_MAX)
      yield {
        rule: "file-ceiling",
        path,
        line: FILE_LINES_MAX,
        message: `${lines} lines; ${FILE_LINES_MAX} are the most`,
      };
  }
};

/** Each package says in one sentence why it exists. */
export const reasons: Rule = function* (tree) {
  for (const [path, text] of tree.texts) {
    if (!/^(packages\/[^/]+|tools\/[^/]+)\/package\.json$|^package\.json$/.test(path)) continue;
    const manifest: unknown = JSON.parse(text);
    const description = isRecord(manifest) ? manifest["description"] : undefined;
    const isSentence = typeof description === "string" && /^[A-Z].{20,}\.$/.test(description);
    if (!isSentence || /\. [A-Z]/.test(description))
      yield {
        rule: "reason",
        path,
        line: 1,
        message: "its description must be the one sentence why it exists",
      };
  }
};

/** A check that did not look at a file must not be green about it. */
export const complete: Rule = function* (tree) {
  const tracked = tree.tracked.filter((path) => isModule(path));
  if (tracked.length === 0) yield found(".", "git lists no module here: nothing was checked");
  const seen = new Set(tree.modules.map((module) => module.path));
  for (const path of tracked) if (!seen.has(path)) yield found(path, "git lists it, but it was not checked");
};

function found(path: string, message: string): Finding {
  return { rule: "complete", path, line: 1, message };
}
