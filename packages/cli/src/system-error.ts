import { UserError } from "@slipway/kernel";

/** What the machine refuses is nobody's bug: a full disk, a folder that is closed to us. Null for all else. */
export function systemError(error: unknown): UserError | null {
  if (!(error instanceof Error)) return null;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const where = path === undefined ? "" : ` ${path}`;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new UserError("host/disk-full", `there is no space left to write${where}`, {
      hint: "free some space and run the same command again; `run --cache-dir` and SLIPWAY_CACHE_DIR keep results elsewhere",
      cause: error,
    });
  }
  // On a read-only disk Node says of folders in folders that they are not there.
  const isReadOnly = code === "ENOENT" && syscall === "mkdir";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || isReadOnly) {
    return new UserError("host/not-permitted", `this user may not write or read${where} (${code})`, {
      hint: "check who owns it, or run as a user who may",
      cause: error,
    });
  }
  const failing = code === undefined || syscall === undefined ? undefined : failures[code];
  if (failing === undefined) return null;
  return new UserError("host/system-failed", `${failing}: ${syscall}${where} failed (${code})`, {
    hint: "see what the system's log says; when that is mended, run the same command again",
    cause: error,
  });
}

/** What a machine in trouble answers, whatever it is asked. */
const failures: Readonly<Record<string, string>> = {
  EIO: "the disk or the system reports a fault",
  EMFILE: "this process has too many open files",
  ENFILE: "the system has too many open files",
  ENOMEM: "the system has no memory left",
  EAGAIN: "the system has no processes left",
};
