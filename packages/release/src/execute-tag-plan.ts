import type { PackageName } from "@slipway/kernel";
import type { TagPlan } from "@slipway/plan";
import { defaultLimits } from "./context.ts";
import { openJournal, type Journal } from "./journal.ts";
import { defaultPacing, makePacing, type Pacing, type PacingOptions } from "./pacing.ts";
import type { Answer, PackageView, ReleasePorts } from "./ports.ts";
import { guarded, settle, type Settled } from "./settle.ts";

type TagPorts = Pick<ReleasePorts, "registry" | "journal" | "clock" | "random" | "onEvent" | "stopped">;

export interface TagPlanResult {
  readonly done: number;
  readonly failures: readonly { readonly name: PackageName; readonly message: string }[];
}

interface Change {
  readonly name: PackageName;
  readonly step: string;
  readonly registry: string;
  act(): Promise<Answer>;
  isDone(view: PackageView | null): boolean;
}

/** Does what `promote` and `rollback` planned, one after the other: intent, look, act, look. Running it again is safe. */
export async function executeTagPlan(
  plan: TagPlan,
  ports: TagPorts,
  options: Partial<PacingOptions> = {},
): Promise<TagPlanResult> {
  const journal = await openJournal(ports.journal);
  const pacing = makePacing(
    {
      clock: ports.clock,
      random: () => ports.random(),
      onPause: (durationMs, message) =>
        ports.onEvent({ type: "waiting", because: "rate-limit", durationMs, message }),
    },
    { ...defaultPacing, ...options },
  );
  const failures: { name: PackageName; message: string }[] = [];
  let done = 0;
  for (const change of changesOf(plan, ports)) {
    if (ports.stopped()) break;
    const settled = await changed(change, { ports, pacing, journal });
    if ("message" in settled) failures.push({ name: change.name, message: settled.message });
    else done++;
  }
  await journal.record(plan.action, { release: plan.release, done, failed: failures.length });
  return { done, failures };
}

function changesOf(plan: TagPlan, ports: TagPorts): Change[] {
  const moves = plan.moves.map(({ package: name, registry, tag, to }): Change => {
    const client = ports.registry(registry);
    return {
      name,
      registry,
      step: to === null ? `take ${tag} away` : `move ${tag} to ${to}`,
      act: () => (to === null ? client.removeTag(name, tag) : client.setTag(name, tag, to)),
      isDone: (view) => (view?.distTags[tag] ?? null) === to,
    };
  });
  const deprecations = plan.deprecations.map(({ package: name, registry, version, message }): Change => {
    return {
      name,
      registry,
      step: `deprecate ${version}`,
      act: () => ports.registry(registry).deprecate(name, version, message),
      isDone: (view) => view?.versions[version]?.manifest["deprecated"] === message,
    };
  });
  return [...moves, ...deprecations];
}

async function changed(
  change: Change,
  {
    ports,
    pacing,
    journal,
  }: { readonly ports: TagPorts; readonly pacing: Pacing; readonly journal: Journal },
): Promise<Settled> {
  const { name, step } = change;
  await journal.record("intent", { package: name, step });
  const settled = await settle({
    act: () => change.act(),
    look: () =>
      guarded(async () => {
        return { seen: change.isDone(await ports.registry(change.registry).view(name)) ? "ours" : "absent" };
      }),
    pacing,
    clock: ports.clock,
    attemptsMax: defaultLimits.attemptsMax,
    onRetry: (durationMs, message) => {
      ports.onEvent({ type: "waiting", because: "retry", durationMs, message: `${name}: ${message}` });
    },
    stopped: () => ports.stopped(),
  });
  await journal.record("outcome", { package: name, step, ...settled });
  return settled;
}
