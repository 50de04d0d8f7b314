import { UserError } from "@slipway/kernel";

/** What stands anywhere on a command line, and the other words. */
export interface Globals {
  readonly words: readonly string[];
  readonly cwd: string | undefined;
  readonly color: boolean | undefined;
  readonly asked: "help" | "version" | undefined;
}

/** Takes `-C DIR`, `--color` and `--help` from wherever they stand before `--`, and `--version` from before the command. */
export function takeGlobals(argv: readonly string[]): Globals {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const words: string[] = [];
  let cwd: string | undefined;
  let color: boolean | undefined;
  let asked: Globals["asked"];
  for (let at = 0; at < end; at++) {
    const word = argv[at] ?? "";
    if (word === "-C" || word === "--cwd") {
      cwd = argv[++at];
      if (cwd === undefined) throw new UserError("cli/bad-argument", `${word} needs a value: ${word} DIR`);
    } else if (word.startsWith("--cwd=")) cwd = word.slice("--cwd=".length);
    else if (word === "--color" || word === "--no-color") color = word === "--color";
    else if (word === "-h" || word === "--help") asked = "help";
    else if ((word === "-v" || word === "--version") && words.length === 0) asked ??= "version";
    else words.push(word);
  }
  return { words: [...words, ...argv.slice(end)], cwd, color, asked };
}
