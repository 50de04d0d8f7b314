import { UserError } from "@slipway/kernel";
import { describe, expect, test } from "vitest";
import { dispatch } from "../src/dispatch.ts";
import { reportError } from "../src/report-error.ts";
import { testOutside } from "./outside.ts";

async function ended(line: string) {
  const outside = testOutside({ cwd: "/nowhere" });
  const argv = line.split(" ").filter(Boolean);
  const status = await dispatch(argv, outside).catch((error: unknown) => reportError(error, argv, outside));
  return { status, stdout: outside.stdout(), stderr: outside.stderr() };
}

describe("words before a command", () => {
  test("a folder that is not there any more is said, unless -C names another", async () => {
    const outside = testOutside({ cwd: "" });
    await expect(dispatch(["run", "build"], outside)).rejects.toThrow("is not there any more");
    await expect(dispatch(["-C", "packages", "run", "build"], outside)).rejects.toThrow(
      "is not there any more",
    );
    expect(await dispatch(["-C", "/", "--version"], outside)).toBe(0);
  });

  test("--version is the answer", async () => {
    expect(await ended("--version")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
      stderr: "",
    });
  });

  test("--help and `help` are the answer; nothing at all is wrong use, and help for people", async () => {
    const help = await ended("--help");
    expect(help).toMatchObject({ status: 0, stderr: "" });
    expect(await ended("help")).toEqual(help);
    expect(await ended("")).toEqual({ status: 2, stdout: "", stderr: help.stdout });
  });

  test("--color and --no-color are stronger than what the terminal is", async () => {
    const shown = async (flag: string): Promise<boolean> => {
      const outside = testOutside({ cwd: import.meta.dirname });
      await dispatch(["show", "@slipway/kernel", flag], outside);
      return outside.stdout().includes("\u001B[");
    };
    expect(await shown("--color")).toBe(true);
    expect(await shown("--no-color")).toBe(false);
  });

  test("an unknown flag before the command says where flags stand", async () => {
    const { status, stderr } = await ended("--affected build");
    expect(status).toBe(2);
    expect(stderr).toContain("error[cli/unknown-flag]: slipway itself has no flag --affected");
    expect(stderr).toContain("hint: flags stand after the command");
  });

  test("-C without a folder, and with one that is not there", async () => {
    expect((await ended("-C")).stderr).toContain("-C needs a value: -C DIR");
    expect((await ended("-C /not/there graph")).stderr).toContain(
      "error[cli/bad-argument]: there is no folder /not/there",
    );
  });
});

describe("how an end is told", () => {
  test("a user's error is told once, with its places and hints, and without a stack", () => {
    const outside = testOutside();
    const problems = [
      {
        code: "config/malformed" as const,
        message: "a comma is missing",
        file: "turbo.json",
        line: 3,
        column: 5,
      },
      {
        code: "workspace/bad-manifest" as const,
        message: "has no name",
        file: "a/package.json",
        hint: "name it",
      },
    ];
    expect(reportError(UserError.of(problems), [], outside)).toBe(2);
    expect(outside.stderr()).toBe(
      [
        "error[config/malformed]: 2 problems",
        "  turbo.json:3:5: a comma is missing",
        "  a/package.json: has no name",
        "    hint: name it",
        "",
      ].join("\n"),
    );
  });

  test("a single problem stands beside its place", () => {
    const outside = testOutside();
    const problem = {
      code: "config/malformed" as const,
      message: "a comma is missing",
      file: "turbo.json",
      line: 3,
    };
    reportError(UserError.of([problem]), [], outside);
    expect(outside.stderr()).toBe("error[config/malformed]: a comma is missing\n  at turbo.json:3\n");
  });

  test("a bug of ours ends with 70, a stack, and what to report", () => {
    const outside = testOutside();
    expect(reportError(new TypeError("x is undefined"), ["run", "build"], outside)).toBe(70);
    expect(outside.stderr()).toContain("TypeError: x is undefined\n    at ");
    expect(outside.stderr()).toContain("called as: slipway run build");
  });
});
