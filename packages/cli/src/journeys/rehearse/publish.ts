import { openJournalFile } from "@slipway/host";
import { integrityOf } from "@slipway/kernel";
import type { ReleasePlan } from "@slipway/plan";
import {
  executeRelease,
  type RegistryPort,
  type ReleaseEvent,
  type ReleaseResult,
  type SealedTarball,
} from "@slipway/release";
import { readFile } from "node:fs/promises";

export interface Publication {
  /** Sealed. */
  readonly plan: ReleasePlan;
  readonly tarballs: readonly SealedTarball[];
  readonly registry: RegistryPort;
  /** The path of the journal. */
  readonly journal: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ReleaseEvent) => void;
}

/** The release itself, with the very steps and the journal of a real one, against one registry and without git. */
export async function publish({
  plan,
  tarballs,
  registry,
  journal,
  signal,
  onEvent,
}: Publication): Promise<ReleaseResult> {
  const file = await openJournalFile(journal);
  try {
    return await executeRelease(
      { plan, tarballs, limits: { pollMs: 50 } },
      {
        registry: () => registry,
        read: ({ path }) => readFile(path),
        journal: file,
        git: null,
        clock: {
          nowMs: () => Date.now(),
          sleep: (durationMs) => new Promise((done) => setTimeout(done, durationMs)),
        },
        random: () => Math.random(),
        integrityOf,
        onEvent,
        stopped: () => signal.aborted,
      },
    );
  } finally {
    await file.close();
  }
}
