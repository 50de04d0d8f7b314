import { expect, test } from "vitest";
import { failureReason } from "../src/failure-reason.ts";

const ended = { exitCode: 127, signal: null, problem: null };

test.each(["sh: 1: pnpm: not found\n", "sh: line 1: pnpm: command not found\n", "sh: pnpm: not found\n"])(
  "a package manager that the shell did not find is said to be missing: %j",
  (words) => {
    expect(failureReason(ended, `building\n${words}`, "pnpm")).toBe(
      "exit code 127: pnpm, this repository's package manager, is not on PATH",
    );
  },
);

test("any other command that was not found is named", () => {
  expect(failureReason(ended, "sh: 1: tsc: not found\n", "pnpm")).toBe(
    "exit code 127: tsc was not found; it is on PATH once the dependencies that bring it are installed",
  );
});

test("words alone make no reason: the status counts, and a status without them stays as it is", () => {
  const words = "sh: 1: pnpm: not found\n";
  expect(failureReason({ ...ended, exitCode: 1 }, words, "pnpm")).toBe("exit code 1");
  expect(failureReason(ended, "page: not found, sorry\n", "pnpm")).toBe("exit code 127");
  expect(failureReason({ ...ended, exitCode: null, signal: "SIGTERM" }, words, "pnpm")).toBe(
    "ended by SIGTERM",
  );
  expect(failureReason({ ...ended, exitCode: null, problem: "no shell" }, words, "pnpm")).toBe("no shell");
});
