import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";

const base = mkdtempSync(join(tmpdir(), "slipway-kept-code-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const program = join(base, "bin/slipway.cjs");
const places = join(base, "cache/slipway/code");

beforeEach(() => {
  rmSync(join(base, "cache"), { recursive: true, force: true });
  for (const name of ["bin", "dist"]) mkdirSync(join(base, name), { recursive: true });
  copyFileSync(join(import.meta.dirname, "../../bin/slipway.cjs"), program);
  writeFileSync(join(base, "dist/main.mjs"), "export const whole = 'the whole program';\n");
});

/** A program of the same form as ours, that says a word and whether the short way did. */
function programThatSays(word: string, told = true): void {
  const text = `function said() { return "${word}"; }
    process.stdout.write(said());
    exports.begun = { told: ${told} };
    importModule("./main.mjs").then(({ whole }) => process.stdout.write(", " + whole));`;
  for (const name of ["start", "start-affected"]) writeFileSync(join(base, `dist/${name}.cjs`), text);
}

function run(words: readonly string[] = ["run"], env: Readonly<Record<string, string>> = {}): string {
  const { stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    env: { XDG_CACHE_HOME: join(base, "cache"), ...env },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout;
}

function kept(): string[] {
  return existsSync(places) ? readdirSync(places) : [];
}

function file(): string {
  return join(places, kept()[0] ?? "none");
}

test("the code of a short run is kept, and is what the next one starts with", () => {
  programThatSays("good");
  expect(run()).toBe("good, the whole program");
  expect(kept()).toHaveLength(1);
  const { ino } = statSync(file());
  expect(run()).toBe("good, the whole program");
  expect(statSync(file()).ino).toBe(ino);
  expect(run(["affected"])).toBe("good, the whole program");
  expect(kept()).toHaveLength(2);
});

test("a short run that took another way adds what it called", () => {
  const text = `const way = Number(process.env.WAY); process.stdout.write("way " + way); exports.begun = { told: true, way };`;
  writeFileSync(join(base, "dist/start.cjs"), text);
  const ways = ["1", "2", "1", "2", "4"].map((way) => {
    expect(run(["run"], { WAY: way })).toBe(`way ${way}`);
    return readFileSync(file()).readUInt32LE(0);
  });
  expect(ways).toEqual([1, 3, 3, 3, 7]);
});

test("code of a start long ago goes when other code comes", () => {
  programThatSays("good");
  run();
  const old = join(places, "start-v22.0.0-x64");
  writeFileSync(old, "");
  utimesSync(old, new Date(0), new Date(0));
  run(["affected"]);
  expect(kept().filter((name) => !name.includes(process.version))).toEqual([]);
});

test("code of another source of the same length is not used", () => {
  programThatSays("good");
  run();
  programThatSays("best");
  expect(run()).toBe("best, the whole program");
  programThatSays("good");
  expect(run()).toBe("good, the whole program");
});

test("code that a disk has changed or cut off is not used, and is made again", () => {
  programThatSays("good");
  run();
  const whole = readFileSync(file());
  for (const at of [0, 5, 40, Math.floor(whole.length / 2), whole.length - 9]) {
    const bad = Buffer.from(whole);
    bad[at] = (bad[at] ?? 0) ^ 0x10;
    for (const bytes of [bad, whole.subarray(0, at)]) {
      writeFileSync(file(), bytes);
      expect(run()).toBe("good, the whole program");
      expect(readFileSync(file()).length).toBe(whole.length);
    }
  }
});

test("nothing is kept of a run that needed the program proper, nor where there is no place, nor where Node shall keep none", () => {
  programThatSays("good", false);
  run();
  programThatSays("good");
  run(["run"], { NODE_DISABLE_COMPILE_CACHE: "1" });
  run(["run"], { XDG_CACHE_HOME: "" });
  run(["run"], { XDG_CACHE_HOME: "relative" });
  run(["run"], { XDG_CACHE_HOME: join(program, "no-folder") });
  expect(kept()).toEqual([]);
  expect(readdirSync(base).toSorted()).toEqual(["bin", "dist"]);
});

test.each([
  { title: "a CI job", words: ["run"], env: { CI: "true" } },
  {
    title: "a job with a trust domain of its own",
    words: ["run"],
    env: { SLIPWAY_TRUST_DOMAIN: "strangers" },
  },
  { title: "a release", words: ["-C", ".", "release"], env: {} },
])("$title neither uses nor keeps code that lies in a cache", ({ words, env }) => {
  programThatSays("good");
  run(words, env);
  expect(kept()).toEqual([]);
  run();
  // With no way known to it, whoever uses it writes it anew.
  const marked = readFileSync(file());
  marked.writeUInt32LE(0, 0);
  writeFileSync(file(), marked);
  run(words, env);
  expect(readFileSync(file()).readUInt32LE(0)).toBe(0);
  run();
  expect(readFileSync(file()).readUInt32LE(0)).toBe(1);
});
