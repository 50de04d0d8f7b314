import { positionAt } from "@slipway/kernel";
import { load, YAMLException } from "js-yaml";
import type { Findings } from "./findings.ts";
import { nestingDepthMax, textFault, withoutByteOrderMark, type SourceText } from "./text-faults.ts";

/** Parses YAML; null when the text is malformed, which is then among the problems. An empty text is an empty mapping. */
export function parseYaml(source: SourceText, findings: Findings): { readonly value: unknown } | null {
  const { file, code } = source;
  const text = withoutByteOrderMark(source.text);
  if (/^(\s|#.*$|---)*$/m.test(text) && text.replaceAll(/^\s*(#.*|---\s*)?$/gm, "").trim() === "")
    return { value: {} };
  try {
    return { value: load(text, { maxDepth: nestingDepthMax }) };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const fault = textFault({ ...source, text });
    const at = error.mark ? positionAt(text, error.mark.position) : { line: 1, column: 1 };
    const message = `${file} is not valid YAML: ${error.reason}`;
    findings.problems.push(fault ?? { code, message, file, ...at });
    return null;
  }
}
