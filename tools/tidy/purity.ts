import { Visitor } from "oxc-parser";
import { isRecord } from "@slipway/kernel";
import { PURE_ROOMS } from "./floors.ts";
import { lineAt, type Finding, type Module, type Rule } from "./tree.ts";

/** What the compiler's `types: []` leaves in reach although it differs by the machine's locale or time zone. */
const LOCAL_NAMES =
  /^(Intl|localeCompare|toLocale\w+|get(FullYear|Month|Date|Day|Hours|Minutes|Seconds|TimezoneOffset))$/;

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
      if (LOCAL_NAMES.test(name)) add(name, start);
    },
    NewExpression({ callee, arguments: given, start }) {
      if (callee.type === "Identifier" && callee.name === "Date" && given.length === 0)
        add("new Date()", start);
    },
    CallExpression({ callee, start }) {
      if (callee.type === "Identifier" && callee.name === "Date") add("Date()", start);
    },
    MemberExpression({ object, property, start }) {
      if (object.type !== "Identifier" || property.type !== "Identifier") return;
      const name = `${object.name}.${property.name}`;
      if (name === "Math.random" || name === "Date.now") add(name, start);
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
