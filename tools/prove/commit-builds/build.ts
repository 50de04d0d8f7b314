import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type Runner = "turbo" | "nx";

export interface Built {
  readonly exit: number;
  readonly tasks: number;
  /** Those that did not come from the cache. */
  readonly ran: number;
  /** Of the runner and everything that it started. */
  readonly cpuSeconds: number;
}

const slipwayProgram = fileURLToPath(new URL("../../slipway", import.meta.url));

export interface Building {
  /** The repository's own. */
  readonly runner: Runner;
  readonly by: Runner | "slipway";
  /** Where all keep their caches. */
  readonly base: string;
  /** Packages that nobody is to build. */
  readonly without: readonly string[];
}

/** Builds what the root's own `build` script builds. No daemon: what one does would be in nobody's figure. */
export function buildIn(root: string, building: Building): Built {
  const { by, base } = building;
  const env = {
    PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
    HOME: base,
    NX_DAEMON: "false",
    NX_NO_CLOUD: "true",
    NX_TUI: "false",
    TURBO_TELEMETRY_DISABLED: "1",
    // Else `pnpm run`, which nx starts for each script, installs what was left out, or another version of itself.
    pnpm_config_verify_deps_before_run: "false",
    pnpm_config_pm_on_fail: "ignore",
    SLIPWAY_CACHE_DIR: join(base, "slipway-cache"),
  };
  const line = `set -f; TIMEFORMAT='cpu %U %S'; time { ${commandOf(root, building)}; }`;
  const options = { cwd: root, env, encoding: "utf8", maxBuffer: 1024 ** 3 } as const;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", line], options);
  const [, user = 0, system = 0] = (/^cpu (\S+) (\S+)$/m.exec(stderr) ?? []).map(Number);
  return { exit: status ?? -1, ...counted(by, stdout), cpuSeconds: user + system };
}

function commandOf(root: string, { runner, by, without }: Building): string {
  const words = `${ownWords(root, runner)}${without.map((name) => leavingOut(runner, name)).join("")}`;
  if (by === "slipway") return `${slipwayProgram} run build --json${words}`;
  if (by === "nx") return `nx run-many -t build --output-style=stream${words}`;
  const elsewhere = existsSync(join(root, "turbo.json")) ? "" : " --root-turbo-json .config/turbo.jsonc";
  return `turbo run build${elsewhere}${words}`;
}

/** What the root's script tells its runner beside the task. */
function ownWords(root: string, runner: Runner): string {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly scripts?: Readonly<Record<string, string>>;
  };
  const script = scripts?.["build"] ?? "";
  if (runner === "turbo") return /turbo run build(.*)$/.exec(script)?.[1] ?? "";
  return /nx (?:run-many|affected) (?:-t |--targets?=)build\b([^&|;]*)/.exec(script)?.[1] ?? "";
}

function leavingOut(runner: Runner, name: string): string {
  return runner === "nx" ? ` --exclude=${name}` : ` --filter=!${name}`;
}

function counted(runner: Runner | "slipway", text: string): Pick<Built, "tasks" | "ran"> {
  if (runner === "slipway") {
    const ends = text
      .split("\n")
      .filter((line) => line.startsWith('{"type":"task"'))
      .map((line) => JSON.parse(line) as { readonly cache: string; readonly fingerprint?: string });
    return { tasks: ends.length, ran: ends.filter(({ cache }) => cache !== "hit").length };
  }
  // eslint-disable-next-line no-control-regex -- the runners colour their counts
  const plain = text.replaceAll(/\u001B\[[\d;]*m/g, "");
  if (runner === "turbo") {
    const [, tasks = 0] = (/Tasks:\s+\d+ successful, (\d+) total/.exec(plain) ?? []).map(Number);
    const [, cached = 0] = (/Cached:\s+(\d+) cached/.exec(plain) ?? []).map(Number);
    return { tasks, ran: tasks - cached };
  }
  const [, some = 0, of = 0] = (
    /cache instead of running the command for (\d+) out of (\d+)/.exec(plain) ?? []
  ).map(Number);
  const tasks = of || [...plain.matchAll(/^> nx run /gm)].length;
  return { tasks, ran: tasks - some };
}
