import { UserError } from "@slipway/kernel";
import { markOf, type PlannedPackage } from "@slipway/plan";
import { lookAt, sealedIntegrity, type ReleaseContext } from "./context.ts";
import type { Answer, PackageView, Upload } from "./ports.ts";
import { guarded, settle, type Look, type Settled } from "./settle.ts";

/** Brings one sealed tarball to its registry, under the batch tag (mode `direct`: under its final one). */
export async function upload(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const registry = context.ports.registry(each.registry);
  return sent(context, each, {
    send: (request) => registry.upload(request),
    look: () => lookForUpload(context, each),
  });
}

export interface Sending {
  readonly send: (request: Upload) => Promise<Answer>;
  readonly look: () => Promise<Look>;
}

/** Sends a sealed tarball until it is known where it is. */
export async function sent(
  context: ReleaseContext,
  each: PlannedPackage,
  { send, look }: Sending,
): Promise<Settled> {
  const { ports, limits, pacing } = context;
  const request = await uploadRequest(context, each);
  if (!request) {
    const message = `this batch uploaded ${each.name}@${each.version} before, and the registry no longer shows it`;
    return { outcome: "unknown", message };
  }
  let provenance: string | undefined;
  return settle({
    act: async () => {
      try {
        if (each.provenance.signed) provenance ??= await ports.sign?.(request.tarball);
      } catch (error) {
        if (error instanceof UserError)
          return { outcome: "retryable", message: error.message, retryAfterMs: null };
        throw error;
      }
      return send(provenance === undefined ? request : { ...request, provenance });
    },
    look: () => guarded(look),
    pacing,
    clock: ports.clock,
    attemptsMax: limits.attemptsMax,
    patienceMs: limits.visibilityBudgetMs,
    looksFirst: context.begun.has(each.name),
    onRetry: (durationMs, message) => {
      ports.onEvent({ type: "waiting", because: "retry", durationMs, message: `${each.name}: ${message}` });
    },
    stopped: () => ports.stopped(),
  });
}

/** What a packument says of the version in question. */
export function lookInView(context: ReleaseContext, each: PlannedPackage, view: PackageView | null): Look {
  const version = view?.versions[each.version];
  if (!version) return { seen: "absent" };
  const sealed = sealedIntegrity(each);
  if (version.integrity === sealed) return { seen: "ours" };
  return foreign(each, version.integrity ?? "a version without sha512", isTwin(context, each, view));
}

/**
 * This release from another machine's build, or an unfinished one of ours that the plan did not see. Where no batch tag
 * tells, a new plan finds out by the git tags whether it has ended.
 */
function isTwin({ plan }: ReleaseContext, { version }: PlannedPackage, view: PackageView): boolean {
  const mark = markOf(view.versions[version]?.manifest ?? {});
  if (!mark) return false;
  if (plan.batchTag === null) return true;
  return mark.release === plan.id || view.distTags[`slipway-${mark.release}`] === version;
}

/** Null: nothing of this package was packed here, since it had been taken as served. */
async function uploadRequest(context: ReleaseContext, each: PlannedPackage): Promise<Upload | null> {
  const { plan, ports, tarballs } = context;
  const tarball = tarballs.get(each.name);
  if (!tarball) return null;
  const bytes = await ports.read(tarball);
  if (ports.integrityOf(bytes) !== sealedIntegrity(each)) {
    const message = `the sealed tarball of ${each.name}@${each.version} is no longer what was sealed`;
    throw new UserError("release/seal-broken", message, {
      hint: "throw the sealed folder away and start the release again from a clean checkout",
    });
  }
  return {
    tarball,
    bytes,
    tag: plan.batchTag ?? each.tag,
    access: each.access,
    metadata: {
      release: plan.id,
      commit: each.commit,
      plan: context.planDigest,
      tag: each.tag,
      from: each.from ?? "",
    },
  };
}

async function lookForUpload(context: ReleaseContext, each: PlannedPackage): Promise<Look> {
  const inView = lookInView(context, each, await lookAt(context, each));
  return inView.seen === "absent" ? lookForTarball(context, each) : inView;
}

/** A version that no packument lists may be there all the same. */
export async function lookForTarball(context: ReleaseContext, each: PlannedPackage): Promise<Look> {
  const bytes = await context.ports.registry(each.registry).download(each.name, each.version);
  if (!bytes) return { seen: "absent" };
  // The tarball is there and the packument lags behind it: confirming waits for that.
  if (context.ports.integrityOf(bytes) === sealedIntegrity(each)) return { seen: "ours" };
  return {
    seen: "orphan",
    certain: await isCutOff(context, each, bytes),
    message:
      `the registry has a tarball of ${each.name}@${each.version} with other bytes but no such version, and refuses ` +
      `the version: raise the version of ${each.name} and release again`,
  };
}

/** The first part of our own bytes is what a cut upload leaves; anything else may be a version that is not yet listed. */
async function isCutOff(
  { tarballs, ports }: ReleaseContext,
  each: PlannedPackage,
  served: Uint8Array,
): Promise<boolean> {
  const tarball = tarballs.get(each.name);
  if (!tarball || served.length >= tarball.sizeBytes) return false;
  const sealed = await ports.read(tarball);
  return served.every((byte, at) => byte === sealed[at]);
}

function foreign(each: PlannedPackage, served: string, twin: boolean): Look {
  const message = `${each.name}@${each.version} is on the registry with other bytes: sealed ${each.integrity}, served ${served}`;
  return { seen: "foreign", message, served, twin };
}
