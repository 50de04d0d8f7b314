import { UserError } from "@slipway/kernel";
import type { Flags } from "./run-context.ts";

const besides = ["audit", "watch", "summary", "trace", "otlp"] as const;

/**
 * A watched run does not end, and an audit is told in its own way: what else was asked for would be passed over in silence.
 *
 * @throws UserError when flags do not go together
 */
export function checkSingleMode(mode: "watch" | "audit", flags: Flags): void {
  const strays = besides.filter(
    (name) => name !== mode && flags[name] !== undefined && flags[name] !== false,
  );
  if (strays.length === 0) return;
  const names = strays.map((name) => `--${name}`).join(" and ");
  throw new UserError("cli/bad-argument", `--${mode} does not go with ${names}`, {
    hint: "run them one after the other",
  });
}
