import { UserError, type ExitStatus, type Problem } from "@slipway/kernel";
import type { Outside } from "./command.ts";
import { version } from "./version.ts";

/** Prints what went wrong, once, and says with which status to end. */
export function reportError(
  error: unknown,
  argv: readonly string[],
  outside: Pick<Outside, "say" | "env">,
): ExitStatus {
  if (error instanceof UserError) {
    outside.say(userErrorText(error));
    if (outside.env["SLIPWAY_DEBUG"])
      outside.say(String(error.cause instanceof Error ? error.cause.stack : error.stack));
    return error.exit;
  }
  outside.say(bugText(error, argv));
  return 70;
}

/**
 * error[config/malformed]: 2 problems
 *   turbo.json:3:5: a comma is missing
 *   package.json:7: …
 *   hint: …
 */
export function userErrorText(error: UserError): string {
  const { problems } = error;
  const [only] = problems;
  const places = problems.length > 1 || only?.file !== undefined;
  const headline =
    problems.length > 1 && error.message === only?.message ? `${problems.length} problems` : error.message;
  const hints = new Set([error.hint, ...problems.map((problem) => problem.hint)]);
  return [
    `error[${error.code}]: ${headline}`,
    ...(places
      ? problems.map(
          (problem) => `  ${placed(problem, problems.length === 1 && headline === problem.message)}`,
        )
      : []),
    ...[...hints].filter((hint) => hint !== undefined).map((hint) => `  hint: ${hint}`),
  ].join("\n");
}

export function warningText(problem: Problem): string {
  const hint = problem.hint === undefined ? "" : `\n  hint: ${problem.hint}`;
  return `warning[${problem.code}]: ${placed(problem, false)}${hint}`;
}

function placed(problem: Problem, placeOnly: boolean): string {
  const { file, line, column, message } = problem;
  if (file === undefined) return message;
  const place = [file || "package.json", line, column].filter((part) => part !== undefined).join(":");
  return placeOnly ? `at ${place}` : `${place}: ${message}`;
}

function bugText(error: unknown, argv: readonly string[]): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    "slipway has a bug: this should not have happened.",
    "",
    stack,
    "",
    `slipway ${version} on Node ${process.version}, ${process.platform}-${process.arch}; called as: slipway ${argv.join(" ")}`,
    "Please report the lines above to Slipway's maintainers; nothing in your repository is at fault.",
  ].join("\n");
}
