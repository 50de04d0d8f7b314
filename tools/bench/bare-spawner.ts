// The floor of a cold run: starts `sh ../../tools/build.sh` in every package, after those that it depends on, and does
// nothing else. No cache, no hashing, no logs.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const concurrency = Number(process.argv[2] ?? 2);
const needs = new Map<string, Set<string>>();
const dependents = new Map<string, string[]>();
for (const name of readdirSync("packages")) {
  const { dependencies = {} } = JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8")) as {
    dependencies?: Record<string, string>;
  };
  const inner = Object.keys(dependencies).filter((each) => each.startsWith("pkg-"));
  needs.set(name, new Set(inner));
  for (const need of inner) dependents.set(need, [...(dependents.get(need) ?? []), name]);
}
const ready = [...needs].filter(([, each]) => each.size === 0).map(([name]) => name);
let running = 0;

function start(): void {
  while (running < concurrency) {
    const name = ready.shift();
    if (name === undefined) return;
    running++;
    const child = spawn("sh", ["-c", "sh ../../tools/build.sh"], {
      cwd: `packages/${name}`,
      stdio: "ignore",
    });
    child.once("exit", () => {
      running--;
      for (const dependent of dependents.get(name) ?? []) {
        const left = needs.get(dependent);
        left?.delete(name);
        if (left?.size === 0) ready.push(dependent);
      }
      start();
    });
  }
}

start();
