import { openJournalFile, steadyNowMs, type ReleaseTags } from "@slipway/host";
import { integrityOf, type PackageName } from "@slipway/kernel";
import {
  executeRelease,
  type PlannedLook,
  type RegistryPort,
  type ReleaseEvent,
  type ReleasePorts,
  type ReleaseResult,
} from "@slipway/release";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { SealedBatch } from "./sealed-folder.ts";

export interface BatchPorts {
  readonly registry: (url: string) => RegistryPort;
  /** Null: no tags are made. */
  readonly tags: ReleaseTags | null;
  /** The journal's path. */
  readonly journal: string;
  readonly sign: NonNullable<ReleasePorts["sign"]>;
  readonly mayApprove: boolean;
  /** What the plan was made from, by the steady clock. */
  readonly looked: ReadonlyMap<PackageName, PlannedLook>;
  readonly signal: AbortSignal;
  /** True once nothing may be changed any more. */
  readonly stopped: () => boolean;
  readonly onEvent: (event: ReleaseEvent) => void;
}

/** Carries a sealed batch out, or on from where its journal ends. */
export async function publishBatch(batch: SealedBatch, ports: BatchPorts): Promise<ReleaseResult> {
  const journal = await openJournalFile(ports.journal);
  try {
    return await executeRelease(
      { ...batch, looked: ports.looked },
      {
        registry: ports.registry,
        read: ({ path }) => readFile(path),
        journal,
        git: ports.tags,
        sign: ports.sign,
        mayApprove: ports.mayApprove,
        clock: {
          nowMs: steadyNowMs,
          // A wait ends when the user asks to stop; what follows looks at that itself.
          sleep: (durationMs) =>
            setTimeout(durationMs, undefined, { signal: ports.signal }).catch(() => undefined),
        },
        random: () => Math.random(),
        integrityOf,
        onEvent: ports.onEvent,
        stopped: ports.stopped,
      },
    );
  } finally {
    await journal.close();
  }
}
