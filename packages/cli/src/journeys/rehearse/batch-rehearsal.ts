import type { GateResult } from "@slipway/gates";
import { movesBack, sealPlan, type ReleasePlan, type RunPlan } from "@slipway/plan";
import type { RegistryClient } from "@slipway/registry";
import type { ReleaseResult, SealedTarball } from "@slipway/release";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gateTitles, verdictTexts } from "../../report/finding.ts";
import { plural } from "../../report/text.ts";
import { buildPackages, planBuild, type CarryOut } from "../build-packages.ts";
import { loadForTasks } from "../../wire/load-for-tasks.ts";
import { judgePackages } from "../judge-packages.ts";
import { releaseSettingsIn } from "../release/ground.ts";
import { planBatch } from "../release/plan-batch.ts";
import { sealPackages } from "../seal-packages.ts";
import { stagePackages } from "../stage-packages.ts";
import type { InstalledCheckout } from "./checkout.ts";
import { consumed } from "./consume.ts";
import type { Phases } from "./phases.ts";
import { publish } from "./publish.ts";
import type { RehearsalReport } from "./report.ts";
import type { RehearsalRequest } from "./request.ts";
import { snapshotTag, type VersionedCheckout } from "./versions.ts";

export interface BatchRehearsal {
  readonly request: RehearsalRequest;
  readonly checkout: InstalledCheckout;
  readonly versioned: VersionedCheckout;
  readonly staging: RegistryClient;
  readonly production: RegistryClient;
  /** An empty folder for tarballs, installs and the journal. */
  readonly folder: string;
  /** In the checkout, or in a copy of it. */
  readonly carryOut: (plan: RunPlan, copy?: string) => ReturnType<CarryOut>;
}

type BatchReport = Pick<
  RehearsalReport,
  "packages" | "verdicts" | "published" | "promoted" | "consumers" | "ok"
>;

const nothing: BatchReport = {
  packages: [],
  verdicts: [],
  published: [],
  promoted: [],
  consumers: [],
  ok: true,
};

/** Builds, seals, stages, judges, publishes and consumes all that a release from this checkout would publish. */
export async function rehearseBatch(rehearsal: BatchRehearsal, phases: Phases): Promise<BatchReport> {
  const { checkout, versioned, production } = rehearsal;
  const { versioning, source } = versioned;
  const plan = await planBatch({
    versioning,
    commit: checkout.commit,
    registryOf: () => production.url,
    registry: () => production,
    gitTags: null,
    channel: source === "snapshot" ? snapshotTag : null,
    settings: await releaseSettingsIn(versioning.root),
  });
  for (const { name, tag, from, version } of movesBack(plan))
    phases.note(`${name}: ${tag} is ${from} already, and would move back to ${version}`);
  const names = plan.packages.map(({ name }) => name);
  if (names.length === 0) {
    phases.note("nothing to release: every publishable version is on its registry");
    return nothing;
  }
  await built(rehearsal, names, phases);
  const tarballs = await sealed(rehearsal, plan, phases);
  const results = await stagedAndJudged(rehearsal, { plan, tarballs }, phases);
  const packages = tarballs.map((each) => ({ ...pick(each), files: each.files.length }));
  const verdicts = results.map((result) => ({
    gate: gateTitles[result.gate],
    package: result.package,
    verdict: result.verdict.outcome,
    sentences: verdictTexts(result.verdict),
  }));
  if (verdicts.some(({ verdict }) => verdict === "fail"))
    return { ...nothing, packages, verdicts, ok: false };
  const released = await published(rehearsal, { plan: sealedWith(plan, tarballs), tarballs }, phases);
  const consumers =
    released.state === "finished" ? await usersView(rehearsal, { plan, tarballs }, phases) : [];
  return {
    packages,
    verdicts,
    published: names,
    promoted:
      released.state === "finished"
        ? plan.packages.map(({ name, tag, from, version }) => ({ package: name, tag, from, to: version }))
        : [],
    consumers,
    ok: released.state === "finished" && consumers.every(({ ok }) => ok),
  };
}

async function built(rehearsal: BatchRehearsal, names: readonly string[], phases: Phases): Promise<void> {
  // Planning versions reads no tasks.
  const { root, env } = rehearsal.checkout;
  const { workspace } = await loadForTasks({ cwd: root, env, say: (text) => phases.note(text) }, {});
  await phases.run("build", async () => {
    const build = planBuild(workspace, names, rehearsal.request.buildTask);
    for (const note of build.notes) phases.note(note);
    const { tasks, hits } = await buildPackages(build, rehearsal.carryOut);
    return {
      value: undefined,
      summary: tasks === 0 ? "nothing to build" : `${plural(tasks, "task")}, ${hits} from the cache`,
    };
  });
}

function sealedWith(plan: ReleasePlan, tarballs: readonly SealedTarball[]): ReleasePlan {
  return sealPlan(plan, Object.fromEntries(tarballs.map(({ name, integrity }) => [name, integrity])));
}

interface Batch {
  readonly plan: ReleasePlan;
  readonly tarballs: readonly SealedTarball[];
}

async function sealed(
  rehearsal: BatchRehearsal,
  plan: ReleasePlan,
  phases: Phases,
): Promise<readonly SealedTarball[]> {
  const { checkout, versioned, folder, carryOut } = rehearsal;
  return phases.run("seal", async () => {
    const value = await sealPackages({
      root: checkout.root,
      workspace: versioned.versioning.workspace,
      names: plan.packages.map(({ name }) => name),
      to: made(join(folder, "sealed")),
      env: checkout.env,
      runScripts: async (copy, scripts) => (await carryOut(scripts, copy)).exit === 0,
    });
    return { value, summary: plural(value.length, "tarball") };
  });
}

async function stagedAndJudged(
  rehearsal: BatchRehearsal,
  { plan, tarballs }: Batch,
  phases: Phases,
): Promise<readonly GateResult[]> {
  const { staging, folder, request } = rehearsal;
  await phases.run("stage", async () => {
    await stagePackages(tarballs, staging);
    return { value: undefined, summary: plural(tarballs.length, "package") };
  });
  return phases.run("gates", async () => {
    const value = await judgePackages({
      tarballs,
      registry: staging,
      folder: made(join(folder, "gates")),
      env: request.env,
      before: beforeOf(plan),
      stopping: plan.gates,
      onResult: (result) => phases.tell({ type: "gate", result }),
    });
    const failed = value.filter(({ verdict }) => verdict.outcome === "fail").length;
    return {
      value,
      summary:
        failed === 0 ? plural(value.length, "verdict") : `${failed} of ${value.length} verdicts against it`,
    };
  });
}

async function published(
  rehearsal: BatchRehearsal,
  { plan, tarballs }: Batch,
  phases: Phases,
): Promise<ReleaseResult> {
  const { production, folder, request } = rehearsal;
  return phases.run("publish", async () => {
    const value = await publish({
      plan,
      tarballs,
      registry: production,
      journal: join(folder, "journal.jsonl"),
      signal: request.signal,
      onEvent: (event) => phases.tell({ type: "release", event }),
    });
    return { value, summary: `${plural(value.released.length, "package")}, ${value.state}` };
  });
}

async function usersView(
  rehearsal: BatchRehearsal,
  { plan, tarballs }: Batch,
  phases: Phases,
): Promise<RehearsalReport["consumers"]> {
  const { production, folder, request } = rehearsal;
  return phases.run("consume", async () => {
    const value = await consumed({
      tarballs,
      registry: production,
      folder: made(join(folder, "consumers")),
      env: request.env,
      before: beforeOf(plan),
    });
    return {
      value,
      summary: `${value.filter(({ ok }) => ok).length} of ${value.length} packages work for a consumer`,
    };
  });
}

/** What users of each package get now. */
function beforeOf(plan: ReleasePlan): Readonly<Record<string, string | null>> {
  return Object.fromEntries(plan.packages.map(({ name, from }) => [name, from]));
}

function pick({
  name,
  version,
  sizeBytes,
  integrity,
}: SealedTarball): Omit<RehearsalReport["packages"][number], "files"> {
  return { name, version, sizeBytes, integrity };
}

function made(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}
