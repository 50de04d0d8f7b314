// Writes packages/cli/slipway.schema.json and docs/settings.md from the schema that slipway.json is read with, so that
// none of them can differ. A test compares them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { slipwaySchema, type SettingSchema } from "../packages/plan/src/index.ts";

const intro = `# Settings

Slipway reads what a repository has: its manifests, \`turbo.json\`, \`nx.json\`, \`.changeset/config.json\`. What none of them
can say stands in \`slipway.json\` at the root, which may have comments. All of it may be left out. Made from the schema by
\`node tools/settings-reference.ts\`; editors know it from

\`\`\`json
{ "$schema": "./node_modules/slipway/slipway.schema.json" }
\`\`\`

What is wrong in the file is reported all at once with its lines, by every command that reads it.`;

export function settingsSchema(): string {
  const head = { $schema: "https://json-schema.org/draft/2020-12/schema", title: "slipway.json" };
  return `${JSON.stringify({ ...head, ...slipwaySchema }, null, 2)}\n`;
}

export function settingsReference(): string {
  const sections = Object.entries(slipwaySchema.properties ?? {}).filter(([key]) => key !== "$schema");
  return `${[intro, ...sections.flatMap(([key, schema]) => sectionOf(key, schema))].join("\n\n")}\n`;
}

function sectionOf(key: string, schema: SettingSchema): string[] {
  const settings = Object.entries(schema.properties ?? {});
  return [
    `## \`${key}\``,
    schema.description,
    ...settings.flatMap(([name, each]) => settingOf(key, name, each)),
  ];
}

function settingOf(section: string, name: string, schema: SettingSchema): string[] {
  const [example] = schema.examples ?? [];
  const more = alternativesOf(schema).flatMap(describedAlternative);
  return [
    `### \`${section}.${name}\``,
    schema.description,
    [`Takes ${takenBy(schema)}.`, ...defaultOf(schema)].join(" "),
    ...(more.length > 0 ? [more.join("\n")] : []),
    ...(example === undefined
      ? []
      : [`\`\`\`json\n${JSON.stringify({ [section]: { [name]: example } })}\n\`\`\``]),
  ];
}

function defaultOf(schema: SettingSchema): string[] {
  return schema.default === undefined ? [] : [`Default: \`${JSON.stringify(schema.default)}\`.`];
}

/** What stands below the keys of a map, or in place of the setting itself. */
function alternativesOf(schema: SettingSchema): readonly SettingSchema[] {
  const inner = schema.additionalProperties || schema;
  return inner.anyOf ?? [];
}

function describedAlternative(schema: SettingSchema): string[] {
  const own = `- ${takenBy(schema)}: ${schema.description}`;
  const inner = Object.entries(schema.properties ?? {}).map(
    ([name, each]) =>
      `  - \`${name}\` (${takenBy(each)}): ${[each.description, ...defaultOf(each)].join(" ")}`,
  );
  return [own, ...inner];
}

function takenBy(schema: SettingSchema): string {
  if (schema.anyOf) return schema.anyOf.map(takenBy).join(", or ");
  if (schema.enum) return schema.enum.map((each) => `\`${JSON.stringify(each)}\``).join(", ");
  if (schema.type === "array") return `a list of: ${schema.items ? takenBy(schema.items) : "anything"}`;
  if (schema.type === "boolean") return "`true`, `false`";
  if (schema.type === "number")
    return `a number${schema.exclusiveMinimum === undefined ? "" : ` above ${schema.exclusiveMinimum}`}`;
  if (schema.type !== "object") return "a string";
  return schema.additionalProperties
    ? `an object with, for each name: ${takenBy(schema.additionalProperties)}`
    : "an object";
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, "../packages/cli/slipway.schema.json"), settingsSchema());
  writeFileSync(join(import.meta.dirname, "../docs/settings.md"), settingsReference());
}
