import { statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { didYouMean, UserError, type ExitStatus } from "@slipway/kernel";
import type { Outside } from "./command.ts";
import { commands, type CommandRow } from "./commands/index.ts";
import { takeGlobals, type Globals } from "./globals.ts";
import { parse } from "./parse.ts";

/** From words to an exit status. Throws UserError; everything else that it throws is a bug. */
export async function dispatch(argv: readonly string[], outside: Outside): Promise<ExitStatus> {
  const { words, cwd, color, asked } = takeGlobals(argv);
  const there = {
    ...outside,
    cwd: placeOf(outside.cwd, cwd),
    terminal: color === undefined ? outside.terminal : { ...outside.terminal, color },
  };
  if (asked === "version") return answerVersion(there);
  const found = findCommand(words);
  if (words.length === 0 || words[0] === "help" || (asked === "help" && !found))
    return answerOverview(words, there, asked);
  if (found && asked === "help") return answerHelp(found.row, there);
  if (found) return call(found.row, found.words, there);
  const [word = ""] = words;
  if (word.startsWith("-")) throw flagBeforeCommand(word);
  return callTask(word, words, there);
}

/** Where to work; `asked` is what `-C` says. */
function placeOf(here: string, asked: string | undefined): string {
  if (here === "" && !(asked && isAbsolute(asked))) {
    throw new UserError("cli/bad-argument", "the folder that slipway was started in is not there any more", {
      hint: "go to one that is, or name it with -C",
    });
  }
  return asked === undefined ? here : folder(resolve(here, asked));
}

function folder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new UserError("cli/bad-argument", `there is no folder ${path}`, {
    hint: "-C names an existing folder",
  });
}

async function call(row: CommandRow, words: readonly string[], outside: Outside): Promise<ExitStatus> {
  const command = await row.load();
  const { notes, ...parsed } = parse(row.name, command, { words, env: outside.env });
  for (const note of notes) outside.say(note);
  return command.run({ ...outside, ...parsed });
}

/** `slipway TASK`: when there is no such task either, the word may have been meant as a command. */
async function callTask(word: string, words: readonly string[], outside: Outside): Promise<ExitStatus> {
  const row = commands.find((each) => each.name === "run");
  const guess = didYouMean(
    word,
    commands.map((each) => each.name),
  );
  if (!row) throw unknownCommand(word, guess);
  try {
    return await call(row, words, outside);
  } catch (error) {
    const unknown =
      error instanceof UserError && (error.code === "task/unknown" || error.code === "cli/unknown-flag");
    if (unknown && guess) throw unknownCommand(word, guess);
    throw error;
  }
}

function findCommand(words: readonly string[]): { row: CommandRow; words: readonly string[] } | undefined {
  for (const count of [2, 1]) {
    const name = words.slice(0, count).join(" ");
    const row = words.length >= count ? commands.find((each) => each.name === name) : undefined;
    if (row) return { row, words: words.slice(count) };
  }
  return undefined;
}

async function answerVersion(outside: Outside): Promise<ExitStatus> {
  const { version } = await import("./version.ts");
  outside.answer(version);
  return 0;
}

async function answerOverview(
  words: readonly string[],
  outside: Outside,
  asked: Globals["asked"],
): Promise<ExitStatus> {
  const [word] = words.filter((each) => !each.startsWith("-"));
  if (word !== undefined && word !== "help") {
    throw unknownCommand(
      word,
      didYouMean(
        word,
        commands.map((each) => each.name),
      ),
    );
  }
  const { overview } = await import("./help.ts");
  if (asked === "help" || word === "help") outside.answer(overview(commands));
  else outside.say(overview(commands));
  return asked === "help" || word === "help" ? 0 : 2;
}

async function answerHelp(row: CommandRow, outside: Outside): Promise<ExitStatus> {
  const { commandHelp } = await import("./help.ts");
  const below = commands.filter((each) => each.name.startsWith(`${row.name} `));
  outside.answer(commandHelp(row, await row.load(), below));
  return 0;
}

function unknownCommand(word: string, guess: string | undefined): UserError {
  const hint = guess ? `did you mean \`slipway ${guess}\`?` : "`slipway --help` lists the commands";
  return new UserError("cli/unknown-command", `there is no command and no task "${word}"`, { hint });
}

function flagBeforeCommand(flag: string): UserError {
  const hint =
    "flags stand after the command, as in `slipway run build --filter web`; `slipway --help` lists them";
  return new UserError("cli/unknown-flag", `slipway itself has no flag ${flag.split("=")[0]}`, { hint });
}
