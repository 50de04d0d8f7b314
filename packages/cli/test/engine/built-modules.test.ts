import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { manifest, Rig, task } from "./rig.ts";

const rigs: Rig[] = [];
afterEach(() => {
  for (const each of rigs.splice(0)) each.dispose();
});

/** What `next build` leaves with `output: "standalone"` under pnpm: links into a store of its own. */
const standalone = [
  "modules=dist/standalone/node_modules",
  "mkdir -p $modules/.pnpm/left@1.0.0/node_modules/left $modules/.bin",
  "printf 'module.exports = 1' > $modules/.pnpm/left@1.0.0/node_modules/left/index.js",
  "printf '#!/bin/sh' > $modules/.bin/left && chmod +x $modules/.bin/left",
  "ln -s .pnpm/left@1.0.0/node_modules/left $modules/left",
  "ln -s ../nowhere $modules/broken",
].join(" && ");

test("a node_modules that a task built comes back byte for byte, with its links", async () => {
  const repo = repository({ build: standalone });
  const dist = join(repo.root, "packages/a/dist");
  await repo.run([task("a#build")]);
  const built = snapshot(dist);
  expect(built["standalone/node_modules/left"]).toBe("-> .pnpm/left@1.0.0/node_modules/left");
  expect(built["standalone/node_modules/broken"]).toBe("-> ../nowhere");
  repo.remove("packages/a/dist");
  const restored = await repo.run([task("a#build")]);
  expect(restored.end("a#build")).toMatchObject({ cache: "hit", from: "store" });
  expect(snapshot(dist)).toEqual(built);
  repo.remove("packages/a/dist/standalone/node_modules/.pnpm");
  await repo.run([task("a#build")]);
  expect(snapshot(dist)).toEqual(built);
});

test("what is installed in a package's own node_modules is no output of its tasks", async () => {
  const repo = repository({ build: "mkdir -p dist && echo a > dist/a.js && echo b > b.js" });
  repo.write({ "packages/a/node_modules/left/index.js": "installed" });
  const build = task("a#build", { outputSpec: { include: ["packages/a/**/*.js"], exclude: [] } });
  await repo.run([build]);
  repo.remove("packages/a/dist");
  repo.remove("packages/a/node_modules");
  const restored = await repo.run([build]);
  expect(restored.end("a#build")).toMatchObject({ cache: "hit", from: "store" });
  expect(repo.read("packages/a/dist/a.js")).toBe("a\n");
  expect(existsSync(join(repo.root, "packages/a/node_modules"))).toBe(false);
});

function repository(scripts: Readonly<Record<string, string>>): Rig {
  const made = new Rig({ "packages/a/package.json": manifest("a", scripts) });
  rigs.push(made);
  return made;
}

/** Each file with its mode and content, each link with its target. */
function snapshot(dir: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const path of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
    const stat = lstatSync(join(dir, path));
    if (stat.isSymbolicLink()) files[path] = `-> ${readlinkSync(join(dir, path))}`;
    else if (stat.isFile())
      files[path] = `${(stat.mode & 0o777).toString(8)} ${readFileSync(join(dir, path), "utf8")}`;
  }
  return files;
}
