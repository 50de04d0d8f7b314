import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "@slipway/kernel";
import { afterEach, expect, test } from "vitest";
import { Rig, manifest, task } from "./rig.ts";

const rigs: Rig[] = [];
afterEach(() => {
  for (const each of rigs.splice(0)) each.dispose();
});

function machine(): Rig {
  const made = new Rig({
    "packages/a/package.json": manifest("a", { build: "mkdir -p dist && echo > dist/a" }),
  });
  rigs.push(made);
  return made;
}

const counted = task("a#build", { env: ["API_TOKEN", "DATABASE"] });
const env = { API_TOKEN: "hunter2", DATABASE: "postgres://me:swordfish@db.invalid/x" };

test("of a secret that counts nothing is kept but a digest that only this machine can compute", async () => {
  const rig = machine();
  await rig.run([counted], { env });
  const other = await rig.run([counted], { env: { ...env, API_TOKEN: "hunter3" } });
  const kept = everyFile(join(rig.root, ".git/slipway")).concat(everyFile(rig.cacheDir));
  const guesses = ["hunter2", "API_TOKEN=hunter2", env.DATABASE, `DATABASE=${env.DATABASE}`];
  for (const guess of [...guesses, "swordfish", ...guesses.map((each) => sha256(each))]) {
    expect(kept.filter((bytes) => bytes.includes(guess))).toEqual([]);
  }
  expect(other.end("a#build").reason).toBe("the variable API_TOKEN changed");
  expect(statSync(join(rig.root, ".git/slipway/key")).mode & 0o077).toBe(0);
});

test("machines with other keys know the same result by the same name", async () => {
  const [one, two] = [await machine().run([counted], { env }), await machine().run([counted], { env })];
  expect(one.end("a#build").fingerprint).toBe(two.end("a#build").fingerprint);
});

function everyFile(dir: string): Buffer[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name))] : [],
  );
}
