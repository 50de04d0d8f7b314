import { expect, test } from "vitest";
import { reportError } from "../src/report-error.ts";
import { systemError } from "../src/system-error.ts";

function refused(code: string, path?: string, syscall = "write"): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, path, syscall });
}

test.each([
  ["ENOSPC", "host/disk-full"],
  ["EDQUOT", "host/disk-full"],
  ["EACCES", "host/not-permitted"],
  ["EROFS", "host/not-permitted"],
  ["EIO", "host/system-failed"],
  ["EMFILE", "host/system-failed"],
  ["ENFILE", "host/system-failed"],
  ["ENOMEM", "host/system-failed"],
  ["EAGAIN", "host/system-failed"],
])("%s is %s, with the path and without a stack", (code, expected) => {
  const said: string[] = [];
  const status = reportError(refused(code, "/some/file"), ["run"], {
    say: (text) => said.push(text),
    env: {},
  });
  expect(status).toBe(3);
  expect(said.join()).toContain(`error[${expected}]`);
  expect(said.join()).toContain("/some/file");
  expect(said.join()).not.toContain("    at ");
});

test("a folder in a folder that can't be made on a read-only disk is host/not-permitted", () => {
  expect(systemError(refused("ENOENT", "/some/folder/in", "mkdir"))?.code).toBe("host/not-permitted");
  expect(systemError(refused("ENOENT", "/some/file", "open"))).toBe(null);
});

test("other faults stay bugs", () => {
  expect(systemError(refused("EBADF"))).toBe(null);
  expect(systemError("text")).toBe(null);
});
