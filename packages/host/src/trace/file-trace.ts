import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { findOnPath } from "../process/find-on-path.ts";

/** Why what tasks read cannot be seen here; null when it can. */
export function tracingProblem(env: Readonly<Record<string, string | undefined>>): string | null {
  if (process.platform !== "linux") return "what tasks read is traced on Linux only";
  const strace = findOnPath("strace", env["PATH"] ?? "");
  if (strace === null) return "strace is not installed (apt-get install strace, dnf install strace)";
  const { status } = spawnSync(strace, [...options, "-o", "/dev/null", "true"], { env, stdio: "ignore" });
  if (status === 0) return null;
  return "strace may not trace here (a container needs the right SYS_PTRACE, and strace 5.3 or later)";
}

/**
 * Opened files with the paths that they really have, of all processes; only what succeeded. The filter in the kernel
 * lets everything else run at its own speed.
 */
const options = [
  "-f",
  "-qqq",
  "-y",
  "-z",
  "--seccomp-bpf",
  "-e",
  "trace=open,openat,openat2",
  "-e",
  "signal=none",
];

/** A shell line that runs another one and writes what it opens to a file. */
export function tracedLine(line: string, shell: string | null, traceFile: string): string {
  const words = ["exec", "strace", ...options, "-o", traceFile, "--", shell ?? "sh", "-c", line];
  return words
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(" ")
    .replace("'exec'", "exec");
}

/** Absolute paths of the files that a trace shows to have been opened for reading; directories are not among them. */
export function readFilesOf(traceFile: string): ReadonlySet<string> {
  let text: string;
  try {
    text = readFileSync(traceFile, "utf8");
  } catch {
    // Nothing was started.
    return new Set();
  }
  return openedForReading(text);
}

export function openedForReading(trace: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const line of trace.split("\n")) {
    const path = opened.exec(line)?.[1];
    const flags = /, ((?:O_\w+\|?)+)/.exec(line)?.[1] ?? /flags=([\w|]+)/.exec(line)?.[1] ?? "";
    if (path === undefined || /\bO_(?:WRONLY|DIRECTORY|PATH)\b/.test(flags)) continue;
    found.add(path);
  }
  return found;
}

/** `123 openat(AT_FDCWD</dir>, "file", O_RDONLY|O_CLOEXEC) = 3</dir/file>`. */
const opened = /^\d+ +open(?:at2?)?\(.* = \d+<(\/[^>]*)>$/;
