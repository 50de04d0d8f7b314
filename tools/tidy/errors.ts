import { lineAt, type Rule } from "./tree.ts";

const CATALOGUE = "packages/kernel/src/catalogue.ts";
const PAGE = "docs/errors.md";

/** Every code has a row in the catalogue and a heading on the page, and is used by somebody. */
export const errors: Rule = function* (tree) {
  const catalogue = tree.texts.get(CATALOGUE) ?? "";
  const page = tree.texts.get(PAGE) ?? "";
  const rows = placesOf(/^ {2}"([a-z-]+\/[a-z-]+)":/gm, catalogue);
  const headings = placesOf(/^## (\S+\/\S+)$/gm, page);
  const sources = tree.modules.filter((module) => module.inSource && module.path !== CATALOGUE);
  for (const [code, line] of rows) {
    const found = (message: string) => ({
      rule: "errors",
      path: CATALOGUE,
      line,
      message: `${code}: ${message}`,
    });
    if (!headings.has(code)) yield found(`no heading in ${PAGE}`);
    if (!sources.some(({ text }) => text.includes(`"${code}"`))) yield found("no code throws it");
  }
  for (const [code, line] of headings) {
    if (!rows.has(code)) yield { rule: "errors", path: PAGE, line, message: `${code}: not in the catalogue` };
  }
};

function placesOf(pattern: RegExp, text: string): ReadonlyMap<string, number> {
  return new Map([...text.matchAll(pattern)].map((match) => [match[1] ?? "", lineAt(text, match.index)]));
}
