import { expect, test } from "vitest";
import { terminalSvg } from "../picture/terminal-svg.ts";

test("a picture keeps the text as text, with the terminal's looks as classes", () => {
  const svg = terminalSvg(
    "$ try",
    "\u001b[1mTitle\u001b[22m of <a & b>\n\n  \u001b[32m✓\u001b[39m done \u001b[2;31mno",
  );
  expect(svg).toContain('<tspan class="bold">Title</tspan> of &lt;a &amp; b&gt;</text>');
  expect(svg).toContain('  <tspan class="green">✓</tspan> done <tspan class="dim red">no</tspan></text>');
  expect(svg.match(/<text/g)).toHaveLength(3);
});

test("a look lasts over the end of a line until it is ended", () => {
  expect(terminalSvg("t", "\u001b[33ma\nb\u001b[0mc")).toContain('<tspan class="yellow">b</tspan>c</text>');
});

test("the picture is as wide as its longest line and as tall as its lines", () => {
  const sizeOf = (ansi: string) => {
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(terminalSvg("t", ansi)) ?? [];
    return { width: Number(width), height: Number(height) };
  };
  const short = sizeOf("ab");
  expect(sizeOf(`${"ab".repeat(20)}\nb`).width).toBeGreaterThan(short.width);
  expect(sizeOf("ab\nb\nc").height).toBeGreaterThan(short.height);
  expect(sizeOf("\u001b[32mab\u001b[39m")).toEqual(short);
});

test("a line longer than the terminal goes on in the next row, with its look", () => {
  const svg = terminalSvg("t", `\u001b[31m${"x".repeat(115)}\u001b[39m`);
  expect(svg).toContain(`<tspan class="red">${"x".repeat(110)}</tspan></text>`);
  expect(svg).toContain('<tspan class="red">xxxxx</tspan></text>');
});
