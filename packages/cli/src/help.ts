import type { Command, Option } from "./command.ts";
import type { CommandRow } from "./commands/index.ts";

export const globalOptions: readonly { readonly flags: string; readonly summary: string }[] = [
  { flags: "-C, --cwd DIR", summary: "work as if started in DIR" },
  {
    flags: "--color, --no-color",
    summary: "colours whatever the terminal is; else NO_COLOR and FORCE_COLOR decide",
  },
  { flags: "-h, --help", summary: "show help; after a command, that command's" },
  { flags: "-v, --version", summary: "show the version" },
];

/** `slipway --help`. */
export function overview(rows: readonly CommandRow[]): string {
  const shown = rows.filter((row) => !row.name.includes(" "));
  return [
    "slipway: the release engineer of a JavaScript/TypeScript monorepo",
    "",
    "usage: slipway COMMAND [OPTIONS]",
    "       slipway TASK [OPTIONS]        short for `slipway run TASK`",
    "",
    "commands:",
    ...columns(shown.map((row) => [row.name, row.summary])),
    "",
    "options:",
    ...columns(globalOptions.map((option) => [option.flags, option.summary])),
    "",
    "`slipway COMMAND --help` says more.",
  ].join("\n");
}

/** `slipway COMMAND --help`. */
export function commandHelp(row: CommandRow, command: Command, below: readonly CommandRow[] = []): string {
  const words = command.positionals.map((each) => {
    const name = `${each.name}${each.many ? "..." : ""}`;
    return each.optional ? `[${name}]` : name;
  });
  const options = Object.entries(command.options).filter(([, option]) => !option.hidden);
  const usage = ["slipway", row.name, ...words, "[OPTIONS]", ...(command.rest ? ["[-- ARGUMENTS]"] : [])];
  return [
    row.summary,
    "",
    `usage: ${usage.join(" ")}`,
    ...(command.description ?? []).flatMap((paragraph) => ["", ...wrapped(paragraph, LINE_MAX)]),
    ...section(
      "subcommands",
      below.map((each) => [each.name, each.summary]),
    ),
    ...section(
      "arguments",
      command.positionals.map((each) => [each.name, each.summary]),
    ),
    ...section(
      "options",
      options.map(([name, option]) => [flagsOf(name, option), summaryOf(option)]),
    ),
    ...section(
      "examples",
      (command.examples ?? []).map((each) => [each.line, each.does]),
    ),
  ].join("\n");
}

export function flagsOf(name: string, option: Option): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  if (option.type === "boolean") return `${short}--${option.default ? "no-" : ""}${name}`;
  const bare = option.type === "text" && option.bare !== undefined;
  return `${short}--${name}${bare ? `[=${option.value}]` : ` ${option.value}`}`;
}

export function summaryOf(option: Option): string {
  const facts: string[] = [];
  if (option.type === "text" && option.choices) facts.push(`one of ${option.choices.join(", ")}`);
  if (option.type === "text" && option.many) facts.push("may be repeated");
  if (option.type !== "boolean" && option.default !== undefined) facts.push(`default: ${option.default}`);
  if (option.env) facts.push(`env: ${option.env.join(", ")}`);
  return facts.length > 0 ? `${option.summary} (${facts.join("; ")})` : option.summary;
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  return rows.length === 0 ? [] : ["", `${title}:`, ...columns(rows)];
}

const LEFT_COLUMN_MAX = 28;
const LINE_MAX = 110;

/** Two columns; the right one goes on below itself where a line would become too long. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(LEFT_COLUMN_MAX, Math.max(...rows.map(([left]) => left.length)));
  const below = " ".repeat(width + 4);
  return rows.flatMap(([left, right]) => {
    const [first = "", ...rest] = wrapped(right, LINE_MAX - below.length);
    const head =
      left.length > width ? [`  ${left}`, `${below}${first}`] : [`  ${left.padEnd(width)}  ${first}`];
    return [...head, ...rest.map((line) => `${below}${line}`)];
  });
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
