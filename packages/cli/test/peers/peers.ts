import { execFile, execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onDemand } from "../../../../tools/on-demand.ts";

/** Where the real tools are, with their own manifest and lock. */
const peersDir = fileURLToPath(new URL("../../../../tools/peers", import.meta.url));
export const peerModules = join(peersDir, "node_modules");

/** Installs turbo and nx from their lock unless they are there: the only thing here that asks a registry. */
export function installPeers(): void {
  const peers = onDemand("peers");
  if ("missing" in peers) throw new Error(peers.missing);
}

export interface PeerAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `turbo` or `nx` in a workspace, away from the user's settings, caches and CI. */
export function runPeer(tool: "turbo" | "nx", args: readonly string[], cwd: string): Promise<PeerAnswer> {
  const env = peerEnvironment(cwd);
  return new Promise((resolve) => {
    const options = { cwd, env, maxBuffer: 256 * 1024 * 1024, timeout: 120_000 };
    execFile(join(peerModules, ".bin", tool), [...args], options, (error, stdout, stderr) => {
      const exitCode = error ? (typeof error.code === "number" ? error.code : 1) : 0;
      resolve({ exitCode, stdout, stderr });
    });
  });
}

function peerEnvironment(cwd: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: cwd,
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    NX_DAEMON: "false",
    NX_NO_CLOUD: "true",
    NX_TUI: "false",
    NX_WORKSPACE_DATA_DIRECTORY: nxMemory(cwd),
  };
}

function nxMemory(root: string): string {
  return join(root, "node_modules", ".nx-data");
}

export interface NxTask {
  readonly id: string;
  readonly project: string;
  readonly target: string;
  readonly configuration?: string;
  readonly outputs: readonly string[];
  readonly cache: boolean;
  readonly parallelism: boolean;
  readonly continuous: boolean;
  /** False: nothing says how. Missing for graphs that were never on disk. */
  readonly runs?: boolean;
  readonly needs: readonly string[];
  /** What was typed behind `--`, where it goes to this task. */
  readonly args: readonly string[];
}

export type NxPlan =
  | { readonly tasks: readonly NxTask[]; readonly inputs: Readonly<Record<string, readonly string[]>> }
  | { readonly fails: string };

export interface NxQuestions {
  readonly plans?: readonly {
    readonly targets: readonly string[];
    readonly projects?: readonly string[];
    readonly exclude?: readonly string[];
    readonly configuration?: string | null;
    readonly excludeTaskDependencies?: boolean;
    readonly args?: readonly string[];
  }[];
  readonly matches?: readonly (readonly string[])[];
  readonly affected?: readonly {
    readonly base: string;
    readonly head?: string;
    readonly files: readonly string[];
    readonly targets?: readonly string[];
  }[];
  readonly inputs?: readonly { readonly project: string; readonly target: string }[];
  readonly hashes?: readonly { readonly targets: readonly string[] }[];
}

export interface NxAnswers {
  /** Directory by name. */
  readonly projects: Readonly<Record<string, string>>;
  readonly plans: readonly NxPlan[];
  readonly matches: readonly (readonly string[])[];
  readonly affected: readonly {
    readonly projects: readonly string[];
    readonly tasks?: readonly string[];
    readonly run?: readonly string[];
  }[];
  /** The files of each asked task, root-relative. */
  readonly inputs: readonly (readonly string[])[];
  /** By task id. */
  readonly hashes: readonly Readonly<Record<string, string>>[];
}

/** A project graph as nx holds it in memory. */
export interface NxGraph {
  readonly nodes: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly type: "lib";
        readonly data: { readonly root: string; readonly targets: Readonly<Record<string, unknown>> };
      }
    >
  >;
  readonly dependencies: Readonly<
    Record<string, readonly { readonly source: string; readonly target: string; readonly type: "static" }[]>
  >;
}

/** Asks nx for the task graphs of many project graphs; `root` needs nothing but nx among its modules. */
export function askNxGraphs(
  root: string,
  graphs: readonly {
    readonly graph: NxGraph;
    readonly targets: readonly string[];
    readonly configuration: string | null;
  }[],
): readonly ({ readonly tasks: readonly NxTask[] } | { readonly fails: string })[] {
  const answer = asked(root, { graphs }) as { readonly graphs: ReturnType<typeof askNxGraphs> };
  return answer.graphs;
}

/** Asks nx's own modules many things about one workspace, in one process. */
export function askNx(root: string, questions: NxQuestions): NxAnswers {
  // What nx remembers of a former state of the workspace would colour its answer: edges of packages that left and came back.
  rmSync(nxMemory(root), { recursive: true, force: true });
  return asked(root, questions) as NxAnswers;
}

function asked(root: string, questions: unknown): unknown {
  const answer = execFileSync(process.execPath, [fileURLToPath(new URL("nx-driver.cjs", import.meta.url))], {
    cwd: root,
    env: peerEnvironment(root),
    input: JSON.stringify(questions),
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    timeout: 120_000,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const value: unknown = JSON.parse(answer.slice(answer.indexOf('{"projects"')));
  return value;
}
