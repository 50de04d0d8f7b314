import { isCancel, password } from "@clack/prompts";

/** Asks for the code of an authenticator app; null when the person gave up. */
export async function askForPassword(refused: boolean): Promise<string | null> {
  const answer = await password({
    message: refused
      ? "The registry refused this one-time password. Another one?"
      : "The registry asks for a one-time password:",
    output: process.stderr,
    validate: (value) => (/^\S+$/.test(value ?? "") ? undefined : "the code, without spaces"),
  });
  return isCancel(answer) ? null : answer;
}
