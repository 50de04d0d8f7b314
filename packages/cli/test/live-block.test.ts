import { describe, expect, test } from "vitest";
import { cut, liveBlock } from "../src/report/live-block.ts";
import { screen } from "./screen.ts";

describe("a live block", () => {
  test("replaces itself, and what is written above it stays", () => {
    const terminal = screen(40, 10);
    const block = liveBlock(terminal);
    block.draw(["1/3 done", "> a#build"]);
    block.above(() => terminal.draw("a#build ok\n"));
    block.draw(["2/3 done"]);
    expect(terminal.lines()).toEqual(["a#build ok", "2/3 done"]);
    block.end();
    expect(terminal.lines()).toEqual(["a#build ok"]);
  });

  test("cuts lines to the window and leaves out what does not fit", () => {
    const terminal = screen(10, 4);
    liveBlock(terminal).draw(["a long line that wraps", "two", "three", "four", "five"]);
    expect(terminal.lines()).toEqual(["a long l…", "two", "three"]);
  });

  test("erases whole what a window that became narrower has wrapped", () => {
    const terminal = screen(40, 10);
    const block = liveBlock(terminal);
    terminal.draw("before\n");
    block.draw(["x".repeat(35), "y".repeat(35)]);
    terminal.resize(20);
    block.draw(["now"]);
    expect(terminal.lines()).toEqual(["before", "now"]);
  });
});

test("a colour that is cut is ended", () => {
  expect(cut("\u001B[31mabcdef\u001B[39m", 4)).toBe("\u001B[31mabc…\u001B[0m");
  expect(cut("abc", 3)).toBe("abc");
});

test("letters that take two columns count as two, and accents of their own as none", () => {
  expect(cut("\u65e5\u672c\u8a9e\u30c6\u30b9", 5)).toBe("\u65e5\u672c…");
  expect(cut("caf\u0065\u0301", 4)).toBe("caf\u0065\u0301");
  expect(cut("\u{1f680}\u{1f680}", 4)).toBe("\u{1f680}\u{1f680}");
});
