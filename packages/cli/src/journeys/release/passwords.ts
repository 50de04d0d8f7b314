import type { Context } from "../../command.ts";
import { oneTimePasswords } from "../../wire/one-time-passwords.ts";
import type { AskForPassword } from "./credentials.ts";

/** One-time passwords of a command: the one that was given, then what a person types where there is one. */
export function passwordsOf(
  flags: { readonly otp: string | undefined; readonly json: boolean },
  { terminal }: Pick<Context, "terminal">,
): AskForPassword {
  const ask = terminal.interactive && !flags.json ? askAPerson : null;
  return oneTimePasswords({ given: flags.otp, ask });
}

async function askAPerson(refused: boolean): Promise<string | null> {
  return (await import("../../prompts/ask-for-password.ts")).askForPassword(refused);
}
