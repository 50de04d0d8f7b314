import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { installedNx, nxState, type NxStateRequest } from "./nx-state.ts";

export interface NxGraphRequest extends NxStateRequest {
  /** Answers are kept in a folder of it. */
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told before nx is started, which takes seconds. */
  onAsk(): void;
}

export type NxGraphAnswer =
  | {
      readonly text: string;
      /** What it was asked about, as `nxState` says it; null when files changed while nx was reading them. */
      readonly state: string | null;
    }
  | { readonly text: null; readonly because: string };

const kept = 30;
const askTimeoutMs = 180_000;

/**
 * What `nx graph --file` says of a repository: nx itself is asked once for each state of the files that can change the
 * answer. Its own data goes to a folder beside the answers, so that the work tree stays as it is.
 */
export function nxGraph(request: NxGraphRequest): NxGraphAnswer {
  const nx = installedNx(request.root);
  if (!nx) return { text: null, because: "nx is not installed here" };
  const state = nxState(request);
  if (state === null) return { text: null, because: "git cannot say which files there are" };
  const dir = join(request.cacheDir, "nx-graph");
  const path = join(dir, `${state}.json`);
  try {
    return { text: readFileSync(path, "utf8"), state };
  } catch {
    // Not asked yet in this state.
  }
  mkdirSync(dir, { recursive: true });
  request.onAsk();
  const part = join(dir, `${state}.${process.pid}.json`);
  try {
    ask(request, { bin: nx.bin, part, data: join(dir, `data-${process.pid}`) });
    const text = readFileSync(part, "utf8");
    if (nxState(request) !== state) {
      rmSync(part);
      return { text, state: null };
    }
    renameSync(part, path);
    removeOldest(dir);
    return { text, state };
  } catch (error) {
    rmSync(part, { force: true });
    return { text: null, because: `nx graph failed: ${firstLine(error)}` };
  }
}

function ask(
  { root, env }: NxGraphRequest,
  { bin, part, data }: { readonly bin: string; readonly part: string; readonly data: string },
): void {
  try {
    execFileSync(bin, ["graph", `--file=${part}`], {
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
        NX_CACHE_DIRECTORY: `${data}/cache`,
        NX_WORKSPACE_DATA_DIRECTORY: `${data}/workspace-data`,
      },
    });
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

function removeOldest(dir: string): void {
  const answers = readdirSync(dir)
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({ name, at: statSync(join(dir, name)).mtimeMs }))
    .toSorted((a, b) => b.at - a.at);
  for (const { name } of answers.slice(kept)) rmSync(join(dir, name), { force: true });
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
