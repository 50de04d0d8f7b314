/** Checks what the compiler and the linter do not: `node tools/tidy.ts`. */
import { dirname } from "node:path";
import { circles } from "./tidy/circles.ts";
import { errors } from "./tidy/errors.ts";
import { floors } from "./tidy/floors.ts";
import { complete, fileCeiling, reasons } from "./tidy/layout.ts";
import { privateNames } from "./tidy/private-names.ts";
import { purity } from "./tidy/purity.ts";
import { readTree, type Finding, type Rule, type Tree } from "./tidy/tree.ts";

const RULES: readonly Rule[] = [complete, floors, circles, purity, fileCeiling, reasons, errors];

export function findingsIn(tree: Tree, rules: readonly Rule[] = RULES): readonly Finding[] {
  return rules
    .flatMap((rule) => [...rule(tree)])
    .toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}

if (import.meta.main) {
  const root = dirname(import.meta.dirname);
  const tree = readTree(root);
  const findings = findingsIn(tree, [...RULES, privateNames(root)]);
  for (const { rule, path, line, message } of findings) console.error(`${path}:${line}: ${rule}: ${message}`);
  console.error(`tidy: ${tree.modules.length} modules, ${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
