import type { ProcessEnd } from "./ports.ts";

/** How much of the end of stderr is looked at, in characters. */
export const lastWordsLength = 2000;

/** `sh: 1: tsc: not found` (dash), `sh: line 1: tsc: command not found` (bash), `sh: tsc: not found` (busybox). */
const notFound = /^[^:\n]+: (?:(?:line )?\d+: )?([^:\s]+): (?:command )?not found$/gm;

/** Why a task failed, in words; a command that the shell did not find is named with what is most likely missing. */
export function failureReason(end: ProcessEnd, lastWords: string, manager: string): string {
  if (end.problem !== null) return end.problem;
  if (end.signal) return `ended by ${end.signal}`;
  const code = `exit code ${end.exitCode}`;
  const command = end.exitCode === 127 ? [...lastWords.matchAll(notFound)].at(-1)?.[1] : undefined;
  if (command === undefined) return code;
  if (command === manager) return `${code}: ${manager}, this repository's package manager, is not on PATH`;
  return `${code}: ${command} was not found; it is on PATH once the dependencies that bring it are installed`;
}
