import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDir } from "../ensure-dir.ts";
import { installedNx } from "./nx-state.ts";

export interface NxGraphRequest {
  /** Absolute. */
  readonly root: string;
  /** Absolute folder for nx's own data, so that the work tree stays as it is. */
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type NxGraphAnswer =
  | {
      /** What `nx graph --file` says. */
      readonly text: string;
      /** The graph with all of its nodes as nx keeps it for its executors; null when this nx keeps none there. */
      readonly projectGraph: string | null;
    }
  | { readonly text: null; readonly because: string };

const askTimeoutMs = 180_000;
const projectGraphFile = "project-graph.json";

/**
 * Asks a repository's own nx, which takes seconds. What it remembers of former states would colour its answer (edges of
 * packages that left and came back), so it starts without memory.
 */
export function askNxGraph({ root, dataDir, env }: NxGraphRequest): NxGraphAnswer {
  const nx = installedNx(root);
  if (!nx) return { text: null, because: "nx is not installed here" };
  const file = join(dataDir, "answer.json");
  try {
    rmSync(dataDir, { recursive: true, force: true });
    ensureDir(dataDir);
    execFileSync(nx.bin, ["graph", `--file=${file}`], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: askTimeoutMs,
      maxBuffer: 64 * 1024 * 1024,
      env: {
        ...env,
        NX_DAEMON: "false",
        NX_NO_CLOUD: "true",
        NX_ANALYTICS: "false",
        NX_TUI: "false",
        NX_CACHE_DIRECTORY: join(dataDir, "cache"),
        NX_WORKSPACE_DATA_DIRECTORY: dataDir,
      },
    });
    return { text: readFileSync(file, "utf8"), projectGraph: textOrNull(join(dataDir, projectGraphFile)) };
  } catch (error) {
    return { text: null, because: `nx graph failed: ${firstLine(error)}` };
  } finally {
    rmSync(file, { force: true });
  }
}

/** Lays a known project graph where nx's executors look for it; `state` says of which files it is true. */
export function putNxGraph(dataDir: string, state: string, projectGraph: string): void {
  if (holdsNxGraph(dataDir, state)) return;
  ensureDir(dataDir);
  const part = join(dataDir, `${projectGraphFile}.${process.pid}`);
  rmSync(join(dataDir, "state"), { force: true });
  writeFileSync(part, projectGraph);
  renameSync(part, join(dataDir, projectGraphFile));
  writeFileSync(join(dataDir, "state"), state);
}

export function holdsNxGraph(dataDir: string, state: string): boolean {
  return textOrNull(join(dataDir, "state")) === state;
}

function textOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** What nx wrote before it failed, else what the system says. */
function firstLine(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: unknown; readonly message?: unknown };
  const texts = [stderr, message].map((each) =>
    typeof each === "string" || Buffer.isBuffer(each) ? each.toString() : "",
  );
  const lines = texts.join("\n").split("\n");
  return lines.find((line) => line.trim() !== "")?.trim() ?? "no message";
}
