import type { ExitStatus } from "@slipway/kernel";
import type { ReleaseResult } from "@slipway/release";
import type { ReleaseOutcome } from "../journeys/release/ground.ts";
import { plural } from "./text.ts";

/** 0: all of it is done, or waits for a person. 1: a registry says no. 2: no credential was good for anything. 3: once more may help. */
export function releaseExit(
  outcome: ReleaseOutcome,
  flags: { readonly plan: boolean },
  signal: AbortSignal,
): ExitStatus {
  switch (outcome.state) {
    case "finished":
    case "nothing":
    case "staged":
      return 0;
    case "not-approved":
      return flags.plan ? 0 : 2;
    case "conflict":
      return 1;
    case "unfinished": {
      if (signal.aborted) return 130;
      const { failures, published } = outcome;
      if (published.length === 0 && failures.length > 0 && failures.every(({ refused }) => refused)) return 2;
      return failures.some((failure) => failure.outcome === "permanent") ? 1 : 3;
    }
  }
}

/** The last lines of a release. */
export function releaseConclusion(outcome: ReleaseOutcome): string {
  if (!("released" in outcome))
    return "nothing to release: every version that may be published is on its registry";
  if (outcome.state === "finished") {
    const names = outcome.released.map(({ name, version }) => `  ${name}@${version}`);
    return [`released ${plural(outcome.released.length, "package")}`, ...names].join("\n");
  }
  if (outcome.state === "staged") {
    const names = outcome.parked.map(({ name, version }) => `  ${name}@${version}`);
    return [
      `staged ${plural(names.length, "package")}; they wait for approval:`,
      ...names,
      "approve them on the registry, or here: slipway release resume --otp CODE",
      "when they are approved, `slipway release resume` confirms and tags, on any machine",
    ].join("\n");
  }
  const problems = [...outcome.conflicts, ...outcome.failures].map(({ name, message }) => {
    return `  ${name === "" ? "git tags" : name}: ${message}`;
  });
  const failed = new Set([...outcome.conflicts, ...outcome.failures].map(({ name }) => name));
  const parked = outcome.parked.filter(({ name }) => !failed.has(name));
  const waiting = parked.map(({ name, version, because }) => `  ${name}@${version}: ${because}`);
  return [
    outcome.state === "conflict" ? "stopped: what is there is not what was sealed" : "not finished yet",
    ...problems,
    ...hints(outcome.failures),
    ...(waiting.length > 0 ? ["not released:", ...waiting] : []),
    wayOn(outcome),
  ].join("\n");
}

/** What another one published under a version stays: the same command would stop there for ever. */
function wayOn({ state, conflicts }: Pick<ReleaseResult, "state" | "conflicts">): string {
  const again = "run the same command again to go on from here";
  if (state !== "conflict" || conflicts.every(({ twin }) => twin)) return again;
  if (conflicts.every(({ name }) => name === ""))
    return `if that git tag is wrong, delete it (git push --delete origin TAG); then ${again}`;
  return "give this release up (`slipway release abort`), find out who published that, raise the version, and release again";
}

/** Each once, however many packages it is for. */
function hints(failures: readonly { readonly hint?: string }[]): string[] {
  return [...new Set(failures.flatMap(({ hint }) => hint ?? []))].map((hint) => `  hint: ${hint}`);
}
