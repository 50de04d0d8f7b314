import { positionAt, type Checked, type Problem } from "@slipway/kernel";
import { findNodeAtLocation, parseTree, type Node, type ParseError } from "jsonc-parser";
import { faultsIn } from "./check-value.ts";
import { jsonFault } from "./json-fault.ts";
import { plainValue } from "./plain-value.ts";
import { slipwaySchema } from "./slipway-schema.ts";
import type { SlipwaySettings } from "./types.ts";

export const slipwaySettingsPath = "slipway.json";

/**
 * Reads slipway.json; everything that is wrong in it is reported with its line.
 *
 * @param text null when there is none
 */
export function readSlipwaySettings(text: string | null): Checked<SlipwaySettings> {
  if (text === null) return { ok: true, value: {}, warnings: [] };
  const errors: ParseError[] = [];
  const tree = parseTree(text.replace(/^\uFEFF/, " "), errors, { allowTrailingComma: true });
  const fault = jsonFault(text, errors, tree === undefined);
  if (fault || !tree) return refused([problem(fault?.what ?? "is empty", fault?.place ?? { line: 1 })]);
  const value = plainValue(tree);
  const faults = faultsIn(value, slipwaySchema);
  if (faults.length > 0)
    return refused(
      faults.map(({ path, what }) => {
        const place = positionAt(text, offsetOf(tree, path));
        return problem(what, place, path);
      }),
    );
  return { ok: true, value: value as SlipwaySettings, warnings: [] };
}

function offsetOf(tree: Node, path: readonly string[]): number {
  const keys = path.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  const node = findNodeAtLocation(tree, keys) ?? findNodeAtLocation(tree, [...path]) ?? tree;
  return (node.parent?.type === "property" ? node.parent : node).offset;
}

function problem(
  what: string,
  place: Pick<Problem, "line" | "column">,
  path: readonly string[] = [],
): Problem {
  const name = path.length === 0 ? "the file of settings" : `"${path.join(".")}"`;
  return { code: "config/malformed", message: `${name} ${what}`, file: slipwaySettingsPath, ...place };
}

function refused(problems: readonly Problem[]): Checked<SlipwaySettings> {
  return { ok: false, problems, warnings: [] };
}
