import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onDemand } from "../on-demand.ts";

const root = dirname(dirname(import.meta.dirname));
const copy = mkdtempSync(join(tmpdir(), "slipway-own-plan-"));
const peers = onDemand("peers");

/** A task as both tools tell it. */
interface Told {
  readonly needs: readonly string[];
  readonly outputs: readonly string[];
  readonly cache: boolean;
}

beforeAll(() => {
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
  const shown = listed.filter((path) =>
    /^(packages|tools|verdaccio)\/|^[^/]*\.(json|yaml)$|^\.nxignore$/.test(path),
  );
  for (const path of shown) cpSync(join(root, path), join(copy, path));
  execFileSync("git", ["init", "--quiet"], { cwd: copy });
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe.for(["build", "test"])("this repository's own %s tasks", (target) => {
  test("are the same to nx and to Slipway: which, in what order, with which outputs, cached or not", ({
    skip,
  }) => {
    if ("missing" in peers) return skip(peers.missing);
    const ours = toldBySlipway(target);
    expect(ours.size).toBeGreaterThan(5);
    expect(ours).toEqual(toldByNx(target, peers.folder));
  });
});

function toldBySlipway(target: string): ReadonlyMap<string, Told> {
  const command = join(root, "packages/cli/bin/slipway.cjs");
  const run = spawnSync(process.execPath, [command, "run", target, "--plan", "--json"], {
    cwd: copy,
    encoding: "utf8",
  });
  expect(run.status, run.stderr).toBe(0);
  const plan = JSON.parse(run.stdout) as {
    tasks: { id: string; package: string; needs: string[]; outputs: string[]; cache: boolean }[];
  };
  return new Map(
    plan.tasks.map(({ id, package: name, needs, outputs, cache }) => {
      const dir = `packages/${name === "slipway" ? "cli" : name.replace("@slipway/", "")}`;
      // Slipway's plan shows outputs as they were declared.
      const paths = outputs.map((output) => output.replace("{projectRoot}", dir));
      return [id, { needs: needs.toSorted(), outputs: paths.toSorted(), cache }];
    }),
  );
}

function toldByNx(target: string, modules: string): ReadonlyMap<string, Told> {
  mkdirSync(join(copy, "node_modules"), { recursive: true });
  for (const name of readdirSync(modules)) {
    if (!name.startsWith(".")) symlinkSync(join(modules, name), join(copy, "node_modules", name));
  }
  writeFileSync(join(copy, "node_modules/.modules.yaml"), '{"hoistedDependencies":{},"layoutVersion":5}');
  const graph = join(copy, "graph.json");
  const env = { ...process.env, NX_DAEMON: "false", NX_NO_CLOUD: "true", NX_TUI: "false" };
  const nx = join(modules, ".bin/nx");
  const run = spawnSync(process.execPath, [nx, "run-many", "-t", target, `--graph=${graph}`], {
    cwd: copy,
    env,
    encoding: "utf8",
  });
  rmSync(join(copy, "node_modules"), { recursive: true });
  expect(run.status, `${run.stdout}${run.stderr}`).toBe(0);
  const { tasks } = JSON.parse(readFileSync(graph, "utf8")) as {
    tasks: {
      tasks: Record<
        string,
        { outputs: string[]; cache?: boolean; target: { project: string; target: string } }
      >;
      dependencies: Record<string, { id: string }[]>;
    };
  };
  return new Map(
    Object.entries(tasks.tasks).map(([id, task]) => [
      nameOf(id),
      {
        needs: (tasks.dependencies[id] ?? []).map((need) => nameOf(need.id)).toSorted(),
        outputs: task.outputs.toSorted(),
        cache: task.cache ?? false,
      },
    ]),
  );
}

/** nx writes PROJECT:TARGET; the name of a project may hold a colon, that of a target here does not. */
function nameOf(id: string): string {
  return id.replace(/:([^:]+)$/, "#$1");
}
