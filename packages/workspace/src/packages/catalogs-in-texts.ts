import { isRecord } from "@slipway/kernel";
import { noFindings } from "../parse/findings.ts";
import { parseJson } from "../parse/json-document.ts";
import { parseYaml } from "../parse/yaml-document.ts";
import { readCatalogs } from "./catalogs.ts";

/** The files of the root that catalogs stand in. */
export const catalogFiles = ["pnpm-workspace.yaml", ".yarnrc.yml", "package.json"] as const;

/** The catalogs of some state of the repository, from those of its files that were there; what cannot be read holds none. */
export function catalogsInTexts(
  texts: ReadonlyMap<string, string>,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const values = catalogFiles.flatMap((file): unknown[] => {
    const text = texts.get(file);
    if (text === undefined) return [];
    const source = { file, text, code: "workspace/unreadable" } as const;
    const read = file.endsWith(".json")
      ? parseJson(source, "json", noFindings())
      : parseYaml(source, noFindings());
    const value = read?.value;
    return isRecord(value) && file.endsWith(".json") ? [value["workspaces"], value] : [value];
  });
  return Object.fromEntries(
    [...readCatalogs(...values)].map(([name, entries]) => [name, Object.fromEntries(entries)]),
  );
}
