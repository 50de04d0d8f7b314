import { UserError } from "@slipway/kernel";

/** What the machine refuses is nobody's bug: a full disk, a folder that is closed to us. Null for all else. */
export function systemError(error: unknown): UserError | null {
  if (!(error instanceof Error)) return null;
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path === undefined ? "" : ` ${path}`;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new UserError("host/disk-full", `there is no space left to write${where}`, {
      hint: "free some space, or put the cache elsewhere with --cache-dir",
      cause: error,
    });
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new UserError("host/not-permitted", `this user may not write or read${where} (${code})`, {
      hint: "check who owns it, or run as a user who may",
      cause: error,
    });
  }
  return null;
}
