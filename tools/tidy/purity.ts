import { Visitor } from "oxc-parser";
import { isRecord } from "@slipway/kernel";
import { lineAt, type Finding, type Module, type Rule } from "./tree.ts";

/** Rooms that decide or order, and touch nothing: the same input gives the same answer on every machine, at any time. */
export const PURE_ROOMS = new Set(["kernel", "workspace", "plan", "ledger", "run", "release", "gates"]);

/** What the compiler's `types: []` leaves in reach although it differs by time, chance or the machine's locale. */
const IMPURE_NAMES = new Set(["Date", "Intl"]);
const IMPURE_MEMBERS = new Set(["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase"]);

export const purity: Rule = function* (tree) {
  for (const module of tree.modules) {
    if (!module.inSource || !PURE_ROOMS.has(module.room ?? "")) continue;
    yield* impureWords(module);
    for (const { specifier, line } of module.imports) {
      if (specifier.startsWith("node:") && !(module.room === "kernel" && specifier === "node:crypto"))
        yield { rule: "purity", path: module.path, line, message: `${specifier} in a pure room` };
    }
  }
  for (const room of PURE_ROOMS)
    yield* compilerGuards(room, tree.texts.get(`packages/${room}/tsconfig.json`));
};

function impureWords(module: Module): Finding[] {
  const findings: Finding[] = [];
  const add = (word: string, start: number) => {
    const line = lineAt(module.text, start);
    findings.push({
      rule: "purity",
      path: module.path,
      line,
      message: `${word} in a pure room: take it as an argument`,
    });
  };
  new Visitor({
    Identifier({ name, start }) {
      if (IMPURE_NAMES.has(name) || IMPURE_MEMBERS.has(name)) add(name, start);
    },
    MemberExpression({ object, property, start }) {
      const isMath = object.type === "Identifier" && object.name === "Math";
      if (isMath && property.type === "Identifier" && property.name === "random") add("Math.random", start);
    },
  }).visit(module.program);
  return findings;
}

/** Kernel alone may use node:crypto, so it alone sees Node's types. */
function* compilerGuards(room: string, text: string | undefined): Generator<Finding> {
  if (text === undefined || room === "kernel") return;
  const config: unknown = JSON.parse(text);
  const options = isRecord(config) ? config["compilerOptions"] : undefined;
  const types = isRecord(options) ? options["types"] : undefined;
  if (Array.isArray(types) && types.length === 0) return;
  const message = '"types": [] is missing, so that the compiler lets the outside in';
  yield { rule: "purity", path: `packages/${room}/tsconfig.json`, line: 1, message };
}
