import { askNxGraph, KnownImports, putNxGraph } from "@slipway/host";
import { nxState } from "@slipway/host/hot";
import { sha256 } from "@slipway/kernel";
import type { LogPiece } from "@slipway/run";
import type { NxGraphNeed } from "@slipway/workspace";
import type { Outside } from "../command.ts";
import { storeDirOf, userCacheDir } from "./cache-dir.ts";
import { openStore } from "./open-store.ts";
import { nxDataDirOf, stateDirOf } from "./run-ports.ts";
import { trustDomainOf } from "./trust-domain.ts";

export interface AskedNx {
  /** True: every source file can change its answer. */
  readonly imports: boolean;
  /** Of the files, when it was asked; null when there was no answer, or none to rely on. */
  readonly state: string | null;
}

export interface NxAnswer {
  /** Null when it could not be asked. */
  readonly text: string | null;
  /** Why it could not be asked. */
  readonly missing: string | null;
  readonly asked: AskedNx;
}

/**
 * What the repository's own nx says of its projects. It is asked once for each state of the files that can change the
 * answer: answers are kept where results of tasks are, in the shared cache too, so that a fresh runner need not ask.
 */
export async function askNx(
  root: string,
  need: Exclude<NxGraphNeed, "none">,
  outside: Pick<Outside, "env" | "say">,
): Promise<NxAnswer> {
  const { env, say } = outside;
  const cacheDir = userCacheDir(env);
  const stateDir = stateDirOf(root, cacheDir);
  const dataDir = nxDataDirOf(stateDir, env);
  const imports = need !== "plugins";
  const states = statesOf(root, need, stateDir);
  const before = states();
  if (before === null)
    return noAnswer("git cannot say which files there are, or nx is not installed", imports);
  const key = sha256(JSON.stringify(["nx graph", 1, trustDomainOf(env), before.answer]));
  const everything = { read: true, write: true };
  const store = openStore(
    { dir: storeDirOf(cacheDir), root, stagingDir: `${stateDir}/staging` },
    {
      env,
      access: { local: everything, remote: everything },
      report: (event) => event.type === "notice" && say(`warning: ${event.message}`),
    },
  );
  const asked = { imports, state: before.files };
  const kept = await store.lookup(key, { include: [], exclude: [] });
  if (kept.kind === "hit") {
    const [text, projectGraph] = kept.result.log.map(([, piece]) => piece);
    if (projectGraph) putNxGraph(dataDir, before.files, projectGraph);
    if (text !== undefined) return { text, missing: null, asked };
  }
  say("asking nx for the targets that its plugins infer (once for this state of its files)");
  const startedMs = performance.now();
  const answer = askNxGraph({ root, dataDir, env });
  if (answer.text === null) return noAnswer(answer.because, imports);
  const { text, projectGraph } = answer;
  // Files changed while nx was reading them: the answer is of no one state.
  if (states()?.files !== before.files) return { text, missing: null, asked: { imports, state: null } };
  const log: readonly LogPiece[] = [[1, text], ...(projectGraph ? [[1, projectGraph] as const] : [])];
  const durationMs = performance.now() - startedMs;
  const id = "nx#graph";
  await store.store(key, { id, paths: [], log, durationMs, owned: () => false, keep: true });
  await store.sent?.();
  if (projectGraph) putNxGraph(dataDir, before.files, projectGraph);
  return { text, missing: null, asked };
}

function noAnswer(because: string, imports: boolean): NxAnswer {
  return { text: null, missing: because, asked: { imports, state: null } };
}

interface NxStates {
  /** Of all files that can change the answer. */
  readonly files: string;
  /** The same while source files change, but not what they import. */
  readonly answer: string;
}

function statesOf(root: string, need: NxGraphNeed, stateDir: string): () => NxStates | null {
  const imports = need !== "plugins";
  return () => {
    const files = nxState({ root, imports });
    if (files === null || need !== "imports") return files === null ? null : { files, answer: files };
    const known = new KnownImports(`${stateDir}/nx-imports.json`);
    const importMarkOf = (contents: string, read: () => string): string => known.markOf(contents, read);
    const answer = nxState({ root, imports, importMarkOf });
    known.keep();
    return answer === null ? null : { files, answer };
  };
}
