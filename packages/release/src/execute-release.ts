import { UserError, eachAtOnce, isRecord, type Json, type PackageName } from "@slipway/kernel";
import { releasePlanDigest, type PlannedPackage, type ReleasePlan } from "@slipway/plan";
import { confirm } from "./confirm.ts";
import { defaultLimits, sealedIntegrity, type ReleaseContext, type ReleaseLimits } from "./context.ts";
import { openJournal, type Journal } from "./journal.ts";
import { hasConflict, nextSteps, type Step } from "./next-steps.ts";
import { defaultPacing, makePacing, type PacingOptions } from "./pacing.ts";
import type { ReleasePorts, ReleaseResult, SealedTarball } from "./ports.ts";
import { foldProgress, type Failure, type Progress, type ProgressFold, type StepKind } from "./progress.ts";
import { clean, promote } from "./promote.ts";
import { resultOf } from "./release-result.ts";
import type { Settled } from "./settle.ts";
import { approve, lookForApproval, stage } from "./stage.ts";
import { tagInGit } from "./tag-in-git.ts";
import { survey, type PlannedLooks } from "./survey.ts";
import { upload } from "./upload.ts";

export interface ReleaseRequest {
  /** Sealed: every package has its digest. */
  readonly plan: ReleasePlan;
  /** Of every package that is not on its registry yet. */
  readonly tarballs: readonly SealedTarball[];
  /** What the plan was made from a moment ago: a release that begins now need not ask for it again. */
  readonly looked?: PlannedLooks;
  readonly limits?: Partial<ReleaseLimits>;
  readonly pacing?: Partial<PacingOptions>;
}

/**
 * Carries out a sealed plan as a journalled transaction: survey, upload by dependencies, confirm all, move the
 * dist-tags in one pass, remove the batch tag, tag in git. Interrupted at any point, it is continued by calling it
 * again with the same plan and journal, or with a new plan and an empty journal on another machine.
 *
 * Faults of registries end up in the result, not as errors.
 * @throws UserError `ledger/damaged`; `release/other-plan` when the journal belongs to another plan; `release/seal-broken`
 */
export async function executeRelease(request: ReleaseRequest, ports: ReleasePorts): Promise<ReleaseResult> {
  for (const each of request.plan.packages) sealedIntegrity(each);
  const journal = await openJournal(ports.journal);
  const run = new ReleaseRun(request, ports, journal);
  await run.begin();
  await run.toItsEnd();
  return run.result();
}

const actions = { upload, approve, confirm, promote, clean } as const;
const stagedActions = { ...actions, upload: stage } as const;

class ReleaseRun {
  private readonly plan: ReleasePlan;
  private readonly ports: ReleasePorts;
  private readonly journal: Journal;
  private readonly context: ReleaseContext;
  private readonly looked: PlannedLooks;
  private readonly fold: ProgressFold;

  constructor(request: ReleaseRequest, ports: ReleasePorts, journal: Journal) {
    this.plan = request.plan;
    this.ports = ports;
    this.journal = journal;
    this.fold = foldProgress(journal.records);
    // What an interrupted run did is not in what was seen before it.
    this.looked = journal.records.length === 0 ? (request.looked ?? new Map()) : new Map();
    this.context = {
      plan: request.plan,
      planDigest: releasePlanDigest(request.plan),
      tarballs: new Map(request.tarballs.map((tarball) => [tarball.name, tarball])),
      ports,
      limits: { ...defaultLimits, ...request.limits },
      pacing: makePacing(
        {
          clock: ports.clock,
          random: () => ports.random(),
          onPause: (durationMs, message) => {
            ports.onEvent({ type: "waiting", because: "rate-limit", durationMs, message });
          },
        },
        { ...defaultPacing, ...request.pacing },
      ),
      seen: new Map(),
      begun: begunUploads(journal.records),
      survey: { isOver: false },
      visibility: { deadline: null, waiting: new Set(), saidMs: null },
    };
  }

  async begin(): Promise<void> {
    const { plan, planDigest } = this.context;
    const planned = this.journal.records.find(({ type }) => type === "planned");
    if (!planned) {
      await this.record("planned", { digest: planDigest, release: plan.id, commit: plan.commit });
    } else if ((planned.payload as { digest?: unknown }).digest !== planDigest) {
      throw new UserError("release/other-plan", `the journal belongs to another plan of release ${plan.id}`, {
        hint: "move the journal's folder away and run the same command again: what the registry has is looked up and adopted",
      });
    }
    await this.record("run-started", {});
    this.ports.onEvent({
      type: "release-started",
      release: plan.id,
      packages: plan.packages.length,
      resumed: planned !== undefined,
    });
  }

  /** Starts what is ready, as much at once as the registry bears, until nothing is ready and nothing runs. */
  async toItsEnd(): Promise<void> {
    const running = new Map<string, Promise<void>>();
    const faults: unknown[] = [];
    for (;;) {
      const steps = this.ports.stopped() || faults.length > 0 ? [] : nextSteps(this.plan, this.progress);
      for (const step of steps) {
        if (running.size >= this.context.pacing.concurrency()) break;
        const key = keyOf(step);
        if (running.has(key)) continue;
        const performed = this.perform(step)
          .catch((fault: unknown) => void faults.push(fault))
          .finally(() => running.delete(key));
        running.set(key, performed);
      }
      if (running.size === 0) break;
      await Promise.race(running.values());
    }
    if (faults.length > 0) throw faults[0];
  }

  result(): ReleaseResult {
    const result = resultOf(this.plan, this.progress);
    for (const { name, version, waitsFor } of result.parked) {
      if (waitsFor) this.ports.onEvent({ type: "parked", package: name, version, waitsFor });
    }
    this.ports.onEvent({ type: "release-ended", release: this.plan.id, state: result.state });
    return result;
  }

  private async perform(step: Step): Promise<void> {
    switch (step.kind) {
      case "survey":
        return this.survey();
      case "git-tags":
        return this.tagInGit();
      case "finish":
        return this.record("finished", {});
      case "look-for-approval":
        return this.lookForApproval();
      case "upload":
      case "approve":
      case "confirm":
      case "promote":
      case "clean":
        return this.performOn(step.kind, step.package);
    }
  }

  private get progress(): Progress {
    return this.fold.now;
  }

  /** Looks at everything first, so that a conflict anywhere stops the release before its first upload. */
  private async survey(): Promise<void> {
    const { snapshot, found, isOver } = await survey(this.context, this.looked);
    this.context.survey.isOver = isOver;
    await this.record("surveyed", { snapshot });
    for (const { each, settled } of found) {
      if (!this.progress.uploaded.has(each.name))
        await this.settled("upload", each, { settled, startedMs: null });
    }
  }

  /** What a person approved elsewhere is there by now; the rest waits, unless somebody here can approve it. */
  private async lookForApproval(): Promise<void> {
    const open = this.plan.packages.filter(({ name }) => !this.progress.approved.has(name));
    const waiting: PlannedPackage[] = [];
    await eachAtOnce(open, this.context.pacing.concurrency(), async (each) => {
      const { settled } = await lookForApproval(this.context, each);
      if (settled) await this.settled("approve", each, { settled, startedMs: null });
      else waiting.push(each);
    });
    // Where one is gone nothing of the batch is shown to anybody.
    const isLeft = this.ports.mayApprove !== true || this.progress.failed.size > 0;
    const left = isLeft ? waiting.map(({ name, version }) => ({ name, version })) : [];
    await this.record("awaiting", { packages: left.map(({ name }) => name) });
    if (left.length > 0) this.ports.onEvent({ type: "staged", packages: left });
  }

  private async performOn(kind: StepKind, each: PlannedPackage): Promise<void> {
    const startedMs = this.ports.clock.nowMs();
    await this.record("intent", { step: kind, package: each.name, version: each.version });
    // It may have been seen while the disk took the intent.
    if (kind === "upload" && hasConflict(this.progress)) return;
    const settled = await (this.plan.mode === "stage" ? stagedActions : actions)[kind](this.context, each);
    await this.settled(kind, each, { settled, startedMs });
  }

  private async settled(
    step: StepKind,
    each: PlannedPackage,
    end: { readonly settled: Settled; readonly startedMs: number | null },
  ): Promise<void> {
    const { settled, startedMs } = end;
    await this.record("outcome", { step, package: each.name, version: each.version, ...settled });
    const about = { package: each.name, version: each.version };
    if (isFailure(settled)) {
      const { outcome, message } = settled;
      this.ports.onEvent({ type: "failed", ...about, step, outcome, message });
      return;
    }
    const durationMs = startedMs === null ? 0 : this.ports.clock.nowMs() - startedMs;
    if (step === "upload") {
      const { outcome } = settled;
      const staged = this.plan.mode === "stage" ? ({ staged: true } as const) : {};
      this.ports.onEvent({ type: "uploaded", ...about, outcome, durationMs, ...staged });
    }
    if (step === "confirm") {
      this.ports.onEvent({ type: "confirmed", ...about, integrity: sealedIntegrity(each) });
    }
    if (step === "promote") {
      const { outcome } = settled;
      this.ports.onEvent({ type: "promoted", ...about, tag: each.tag, from: each.from, outcome });
    }
  }

  private async tagInGit(): Promise<void> {
    // An interrupted run may have pushed them without a word of it.
    const isBegun = this.journal.records.some(({ type, payload }) => {
      return type === "intent" && isRecord(payload) && payload["step"] === "git-tags";
    });
    await this.record("intent", { step: "git-tags", tags: this.plan.gitTags.map(({ name }) => name) });
    const settled = await tagInGit(this.context);
    if (isFailure(settled)) {
      const { outcome, message, hint } = settled;
      const advice = hint === undefined ? {} : { hint };
      await this.record("outcome", { step: "git-tags", package: "", outcome, message, ...advice });
      this.ports.onEvent({ type: "failed", package: "", version: "", step: "git-tags", outcome, message });
      return;
    }
    await this.record("git-tagged", {});
    const already = settled.outcome === "already-ours" && !isBegun;
    const inBatch = new Set(this.plan.packages.map(({ name }) => name));
    for (const tag of this.ports.git ? this.plan.gitTags : []) {
      const { name, commit, version } = tag;
      const healed = !inBatch.has(tag.package) && commit !== this.plan.commit;
      this.ports.onEvent({
        type: "git-tagged",
        tag: name,
        package: tag.package,
        version,
        commit,
        healed,
        already,
      });
    }
  }

  /** The progress follows the journal, and only once the disk has the record. */
  private async record(type: string, payload: { readonly [key: string]: Json }): Promise<void> {
    await this.journal.record(type, payload);
    this.fold.add({ type, payload });
  }
}

function begunUploads(records: Journal["records"]): ReadonlySet<PackageName> {
  const names = records.flatMap(({ type, payload }) => {
    if (type !== "intent" || !isRecord(payload) || payload["step"] !== "upload") return [];
    const name = payload["package"];
    return typeof name === "string" ? [name] : [];
  });
  return new Set(names);
}

function isFailure(settled: Settled): settled is Failure {
  return settled.outcome !== "done" && settled.outcome !== "already-ours";
}

function keyOf(step: Step): string {
  return "package" in step ? `${step.kind} ${step.package.name}` : step.kind;
}
