import { UserError, type ExitStatus, type Problem } from "@slipway/kernel";
import type { Outside } from "./command.ts";
import { annotation } from "./report/github.ts";
import { systemError } from "./system-error.ts";
import { version } from "./version.ts";

/** Prints what went wrong, once, and says with which status to end. */
export function reportError(
  error: unknown,
  argv: readonly string[],
  outside: Pick<Outside, "say" | "env">,
): ExitStatus {
  const known = error instanceof UserError ? error : systemError(error);
  if (known) {
    outside.say(userErrorText(known));
    if (outside.env["GITHUB_ACTIONS"] === "true") for (const line of annotations(known)) outside.say(line);
    if (outside.env["SLIPWAY_DEBUG"])
      outside.say(String(known.cause instanceof Error ? known.cause.stack : known.stack));
    return known.exit;
  }
  outside.say(bugText(error, argv));
  return 70;
}

function annotations({ code, message, problems }: UserError): string[] {
  if (problems.length === 0) return [annotation("error", { title: code }, message)];
  return problems.map((problem) => annotation("error", { ...problem, title: problem.code }, problem.message));
}

/**
 * error[config/malformed]: 2 problems
 *   turbo.json:3:5: a comma is missing
 *     hint: …
 *   package.json:7 is not …
 */
export function userErrorText(error: UserError): string {
  const { code, message, hint, problems } = error;
  const [only] = problems;
  if (problems.length <= 1) {
    const place = only?.file === undefined ? [] : [`  at ${placeOf(only)}`];
    const told = only && only.message !== message ? [`  ${placed(only)}`] : place;
    return [`error[${code}]: ${message}`, ...told, ...hintLines(hint ?? only?.hint, "  ")].join("\n");
  }
  const told = problems.flatMap((problem) => [`  ${placed(problem)}`, ...hintLines(problem.hint, "    ")]);
  const headline = message === only?.message ? `${problems.length} problems` : message;
  const common = problems.some((problem) => problem.hint === hint) ? undefined : hint;
  return [`error[${code}]: ${headline}`, ...told, ...hintLines(common, "  ")].join("\n");
}

export function warningText(problem: Problem): string {
  return [`warning[${problem.code}]: ${placed(problem)}`, ...hintLines(problem.hint, "  ")].join("\n");
}

function hintLines(hint: string | undefined, indent: string): string[] {
  return hint === undefined ? [] : [`${indent}hint: ${hint}`];
}

/** A sentence that names its file gets the place there, else it stands before the sentence. */
function placed(problem: Problem): string {
  const { file, message } = problem;
  if (file === undefined) return message;
  const place = placeOf(problem);
  return file !== "" && message.includes(file) ? message.replace(file, place) : `${place}: ${message}`;
}

function placeOf({ file, line, column }: Problem): string {
  return [file || "package.json", line, column].filter((part) => part !== undefined).join(":");
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
