// Writes docs/cli.md from the table of commands, so that help and reference cannot differ. A test compares them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../packages/cli/src/command.ts";
import { commands, type CommandRow } from "../packages/cli/src/commands/index.ts";
import { flagsOf, globalOptions, summaryOf } from "../packages/cli/src/help.ts";

const intro = `# Commands

Made from the table of commands by \`node tools/cli-reference.ts\`; \`slipway COMMAND --help\` says the same.

stdout is the answer, stderr the story. Exit status: 0 done, 1 a task or gate failed, 2 wrong use or configuration,
3 the outside failed and a retry may help, 70 a bug of Slipway, 130 interrupted. \`NO_COLOR\`, \`FORCE_COLOR\` and \`CI\`
are honoured. \`slipway TASK\` is short for \`slipway run TASK\` where no command has that name.`;

export async function cliReference(): Promise<string> {
  const sections = await Promise.all(commands.map(async (row) => sectionOf(row, await row.load())));
  const everywhere = list(globalOptions.map(({ flags, summary }) => [flags, summary]));
  return `${[intro, `Everywhere:\n\n${everywhere}`, ...sections].join("\n\n")}\n`;
}

function sectionOf(row: CommandRow, command: Command): string {
  const words = command.positionals.map(({ name, many, optional }) => {
    const shown = `${name}${many ? "..." : ""}`;
    return optional ? `[${shown}]` : shown;
  });
  const usage = [
    "slipway",
    row.name,
    ...words,
    "[OPTIONS]",
    ...(command.rest ? ["[-- ARGUMENTS]"] : []),
  ].join(" ");
  const options = Object.entries(command.options);
  const ours = options.filter(([, option]) => !option.hidden);
  const theirs = options.filter(([, option]) => option.hidden);
  return [
    `## slipway ${row.name}`,
    sentence(row.summary),
    `\`\`\`\n${usage}\n\`\`\``,
    ...(command.description ? [command.description.join("\n\n")] : []),
    ...part(command.positionals.map(({ name, summary }) => [name, summary])),
    ...part(ours.map(([name, option]) => [flagsOf(name, option), summaryOf(option)])),
    ...(theirs.length > 0 ? ["Also understood:"] : []),
    ...part(theirs.map(([name, option]) => [flagsOf(name, option), option.instead ?? summaryOf(option)])),
    ...part((command.examples ?? []).map(({ line, does }) => [line, does])),
  ].join("\n\n");
}

function part(rows: readonly (readonly [string, string])[]): string[] {
  return rows.length === 0 ? [] : [list(rows)];
}

function list(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([left, right]) => `- \`${left}\`: ${right}`).join("\n");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, "../docs/cli.md"), await cliReference());
