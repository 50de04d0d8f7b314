import { readNpmrc } from "@slipway/registry";
import type { Context } from "../command.ts";
import { secretsIn } from "./build-environment.ts";

type Voice = Pick<Context, "cwd" | "env" | "answer" | "say">;

/** Says nothing that is secret, whoever wanted it said: a script that prints .npmrc, a registry that repeats a token. */
export function redacting<V extends Voice>(outside: V): V {
  const secrets = secretsIn(outside.env, readNpmrc(outside.cwd, outside.env));
  if (secrets.length === 0) return outside;
  const redacted = (text: string): string =>
    secrets.reduce((all, secret) => all.replaceAll(secret, "***"), text);
  return {
    ...outside,
    answer: (text: string) => outside.answer(redacted(text)),
    say: (text: string) => outside.say(redacted(text)),
  };
}
