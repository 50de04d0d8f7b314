import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { prove } from "../../../../tools/prove/kill-loop.ts";
import { manifest, Rig } from "./rig.ts";

const slipway = fileURLToPath(new URL("../../bin/slipway.cjs", import.meta.url));

test("a run that is killed leaves a whole store, and the next one is right", async () => {
  const said: string[] = [];
  const { failed } = await prove({ seed: 20_261_123, full: false, log: (line) => said.push(line) });
  expect(said).toEqual([]);
  expect(failed).toBe(0);
});

test("what a killed run had started ends before its task is carried out again", () => {
  const script =
    "mkdir -p dist; case $MODE in killed) kill -9 $PPID; sleep 0.7; echo killed > dist/all.txt;; *) echo next > dist/all.txt; sleep 1.2;; esac";
  const repo = new Rig({
    "package.json": JSON.stringify({ name: "root", packageManager: "pnpm@10.0.0" }),
    "pnpm-workspace.yaml": "packages: [packages/*]\n",
    "turbo.json": JSON.stringify({ tasks: { build: { outputs: ["dist/**"], env: ["MODE"] } } }),
    "packages/a/package.json": manifest("a", { build: script }),
  });
  try {
    const run = (mode: string): string | number | null => {
      const env = { ...repo.env, MODE: mode };
      const { signal, status } = spawnSync(process.execPath, [slipway, "run", "build"], {
        cwd: repo.root,
        env,
      });
      return signal ?? status;
    };
    expect([run("killed"), run("next")]).toEqual(["SIGKILL", 0]);
    expect(repo.read("packages/a/dist/all.txt")).toBe("next\n");
  } finally {
    repo.dispose();
  }
});
