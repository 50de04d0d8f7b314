import { hostname } from "node:os";
import { lineAt, type Finding, type Rule } from "./tree.ts";

/** Names that only this machine knows; each is asked for when the check runs, so none is written here. */
export function privateNames(root: string): Rule {
  const names = namesOf(root);
  return function* (tree): Generator<Finding> {
    for (const [path, text] of tree.texts) {
      for (const [what, pattern] of names) {
        const at = text.search(pattern);
        if (at !== -1) yield { rule: "private-name", path, line: lineAt(text, at), message: `holds ${what}` };
      }
    }
  };
}

function namesOf(root: string): readonly (readonly [what: string, pattern: RegExp])[] {
  const names: [string, RegExp][] = [];
  // A short path (`/app`) or name (`ci`) may stand in a text for something else.
  if (root.split("/").length > 2) names.push(["the path of this checkout", word(root)]);
  if (hostname().length > 6) names.push(["the name of this machine", word(hostname())]);
  const registry = process.env["npm_config_registry"];
  if (registry && !registry.includes("//registry.npmjs.org"))
    names.push(["the host of this machine's registry", word(new URL(registry).host)]);
  return names;
}

function word(name: string): RegExp {
  return new RegExp(`(?<![\\w.-])${name.replaceAll(/[.+()[\]]/g, String.raw`\$&`)}(?![\\w-])`);
}
