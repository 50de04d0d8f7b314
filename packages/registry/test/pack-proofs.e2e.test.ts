import { expect, test } from "vitest";
import { prove as proveReproducible } from "../../../tools/prove/reproducible-pack.ts";
import { prove as proveSameFiles } from "../../../tools/prove/same-files.ts";

const lines: string[] = [];
const slice = { seed: 20_261_123, full: false, log: (line: string) => void lines.push(line) };

test("real packages give the same bytes on every Node, under every umask, locale, time zone and order of directories", async () => {
  const proof = await proveReproducible(slice);
  expect(lines.filter((line) => line.includes("differs"))).toEqual([]);
  expect(proof.failed).toBe(0);
  expect(proof.figures["packages"]).toBe(4);
});

test("the files packed are those that npm and pnpm pack", async () => {
  const proof = await proveSameFiles(slice);
  expect(lines.filter((line) => line.includes("only here"))).toEqual([]);
  expect(proof.figures).toMatchObject({ npmDiffering: 0, pnpmDiffering: 0 });
  // Either may refuse one or the other package.
  const { npmCompared, pnpmCompared } = proof.figures;
  expect(Math.min(npmCompared, pnpmCompared)).toBeGreaterThan(9);
});
