import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import { executeRun, type RunEvent, type RunFinished, type RunOptions, type TaskEnded } from "@slipway/run";
import type { CacheRules } from "../../src/wire/open-store.ts";
import { openRunPorts } from "../../src/wire/run-ports.ts";
import { scriptHabits } from "../../src/wire/script-habits.ts";

/** A git repository in a temporary directory, and runs of hand-made plans in it. */
export class Rig {
  readonly root: string;
  readonly cacheDir: string;
  readonly env: Record<string, string>;
  readonly #base: string;

  constructor(files: Readonly<Record<string, string>> = {}, shared?: Rig) {
    this.#base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-engine-")));
    this.root = join(this.#base, "repo");
    this.cacheDir = shared?.cacheDir ?? join(this.#base, "cache");
    mkdirSync(this.root);
    this.env = { PATH: process.env["PATH"] ?? "", HOME: this.#base };
    this.git("init", "-q", "-b", "main");
    this.write({ ".gitignore": "dist/\nnode_modules/\n", ...files });
    this.commit();
  }

  dispose(): void {
    rmSync(this.#base, { recursive: true, force: true });
  }

  git(...args: string[]): string {
    const identity = [
      "-c",
      "user.name=t",
      "-c",
      "user.email=t@example.invalid",
      "-c",
      "commit.gpgsign=false",
    ];
    return execFileSync("git", [...identity, ...args], { cwd: this.root, env: this.env, encoding: "utf8" });
  }

  commit(): void {
    this.git("add", "-A");
    this.git("commit", "-q", "--allow-empty", "-m", "state");
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
  }

  read(path: string): string | null {
    return existsSync(join(this.root, path)) ? readFileSync(join(this.root, path), "utf8") : null;
  }

  mode(path: string): number {
    return lstatSync(join(this.root, path)).mode & 0o777;
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  async run(tasks: readonly PlannedTask[], how: How = {}): Promise<Ran> {
    const events: RunEvent[] = [];
    const plan: RunPlan = {
      schema: 1,
      source: "scripts",
      tasks,
      envMode: how.envMode ?? "filtered",
      global: { files: [], env: [], passThroughEnv: [], values: {} },
    };
    const manager = { name: "pnpm", version: "10.0.0", berry: false, because: "default" } as const;
    const setting = {
      root: this.root,
      cwd: this.root,
      env: { ...this.env, ...how.env },
      manager,
      plan,
      cacheDir: this.cacheDir,
      ...(how.access ? { access: how.access } : {}),
      signal: how.signal ?? new AbortController().signal,
      report: (event: RunEvent) => {
        events.push(event);
        how.onEvent?.(event);
      },
    };
    const ports = await openRunPorts(setting);
    const finished = await executeRun(plan, ports, {
      concurrency: 2,
      cache: { read: true, write: true },
      continue: "dependencies-successful",
      trustDomain: "local",
      habits: scriptHabits(setting),
      ...how.options,
    });
    return new Ran(events, finished);
  }
}

export interface How {
  readonly envMode?: RunPlan["envMode"];
  readonly env?: Readonly<Record<string, string>>;
  readonly access?: CacheRules;
  readonly signal?: AbortSignal;
  readonly options?: Partial<RunOptions>;
  onEvent?(event: RunEvent): void;
}

export class Ran {
  readonly events: readonly RunEvent[];
  readonly finished: RunFinished;

  constructor(events: readonly RunEvent[], finished: RunFinished) {
    this.events = events;
    this.finished = finished;
  }

  end(id: string): TaskEnded {
    const found = this.events.find((event) => event.type === "task" && event.id === id);
    if (found?.type !== "task") throw new Error(`${id} did not end`);
    return found;
  }

  /** `a#build hit`, in the order of their ends. */
  get ends(): string[] {
    return this.events.flatMap((event) =>
      event.type === "task" ? [`${event.id} ${event.status === "ok" ? event.cache : event.status}`] : [],
    );
  }

  get notices(): string[] {
    return this.events.flatMap((event) => (event.type === "notice" ? [event.code] : []));
  }

  log(id: string): string {
    return this.events
      .flatMap((event) => (event.type === "output" && event.id === id ? [event.text] : []))
      .join("");
  }
}

/** A script task `build` of `packages/NAME` with the defaults of a repository without any configuration. */
export function task(id: `${string}#${string}`, over: Partial<PlannedTask> = {}): PlannedTask {
  const [name = "", script = ""] = id.split("#");
  const dir = `packages/${name}`;
  return {
    id,
    package: name,
    task: script,
    dir,
    command: null,
    action: { kind: "script", script },
    args: [],
    needs: [],
    with: [],
    cache: true,
    persistent: false,
    interactive: false,
    interruptible: false,
    parallelism: true,
    outputLogs: "full",
    inputs: [],
    outputs: [],
    inputSpec: {
      files: [{ include: [`${dir}/**`], exclude: [], ignored: "respect" }],
      env: [],
      runtime: [],
      dependencyOutputs: [],
      dependencyFingerprints: true,
      json: [],
      external: "closure",
      values: {},
    },
    outputSpec: { include: [`${dir}/dist/**`], exclude: [] },
    env: [],
    passThroughEnv: [],
    lockfileClosure: null,
    because: [],
    ...over,
  };
}

export function manifest(name: string, scripts: Readonly<Record<string, string>>): string {
  return JSON.stringify({ name, version: "1.0.0", scripts });
}
