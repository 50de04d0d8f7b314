import { openJournalFile } from "@slipway/host";
import { UserError, type ExitStatus } from "@slipway/kernel";
import { planPromotion, planRollback, type TagPlan, type TagSources } from "@slipway/plan";
import { executeTagPlan, openJournal } from "@slipway/release";
import { setTimeout } from "node:timers/promises";
import { join } from "node:path";
import type { Context } from "../command.ts";
import { releaseEventText } from "../report/release-event.ts";
import { tagPlanText } from "../report/tag-plan.ts";
import { plural } from "../report/text.ts";
import { distTagAsked } from "./release/asked-dist-tag.ts";
import { findRelease, viewsOfRelease } from "./release/find-release.ts";
import { passwordsOf } from "./release/passwords.ts";
import { locked, openGround, requireTokensFor, type ReleaseGround } from "./release/ground.ts";
import { promotionsOf } from "./release/tag-history.ts";

interface ChangeFlags {
  readonly yes: boolean;
  readonly "dry-run": boolean;
  readonly json: boolean;
  readonly otp: string | undefined;
}

interface Change {
  readonly flags: ChangeFlags;
  readonly here: Here;
  readonly wanted: TagPlan["action"];
}

type Here = Pick<Context, "cwd" | "env" | "signal" | "terminal" | "answer" | "say">;

/** `slipway promote`: one more dist-tag on all that a release published. */
export async function promoteHere(
  release: string | null,
  flags: ChangeFlags & { readonly to: string | undefined; readonly force?: boolean },
  here: Here,
): Promise<ExitStatus> {
  const to = distTagAsked("--to", flags.to);
  return changeTags(release, { flags, here, wanted: "promote" }, async (sources, ground) => {
    const { force = false } = flags;
    if (to !== null || ground.settings.channels.length === 0) return planPromotion(sources, to ?? "latest");
    const { planNextChannel } = await import("./release/next-channel.ts");
    const { env, say } = here;
    return planNextChannel(sources, ground, { env, force, nowMs: Date.now(), say });
  });
}

/** `slipway rollback`: the dist-tags as they were, and the versions deprecated. */
export async function rollbackHere(
  release: string | null,
  flags: ChangeFlags & { readonly message: string },
  here: Here,
): Promise<ExitStatus> {
  return changeTags(release, { flags, here, wanted: "rollback" }, async (sources, ground) => {
    const promotions = await promotionsOf(ground, sources.release);
    const promoted = promotions.flatMap(({ moves }) => moves);
    return planRollback({ ...sources, promoted }, flags.message);
  });
}

async function changeTags(
  release: string | null,
  { flags, here, wanted }: Change,
  planned: (sources: TagSources, ground: ReleaseGround) => TagPlan | Promise<TagPlan>,
): Promise<ExitStatus> {
  const ground = await openGround(here.cwd, here.env, passwordsOf(flags, here));
  return locked(ground, async () => {
    const { id, packages } = await findRelease(ground, release);
    const published = await viewsOfRelease(ground, packages);
    const plan = await planned({ release: id, packages, published }, ground);
    if (flags["dry-run"]) {
      here.answer(flags.json ? JSON.stringify(plan) : tagPlanText(plan));
      return 0;
    }
    if (plan.moves.length + plan.deprecations.length === 0)
      return answered(plan, { done: 0, failures: [] }, { flags, here, wanted });
    if (!flags.json) here.say(tagPlanText(plan));
    requireTokensFor(
      ground,
      [...plan.moves, ...plan.deprecations].map(({ registry }) => registry),
    );
    await approved(flags, here);
    return answered(plan, await carriedOut(plan, ground, here), { flags, here, wanted });
  });
}

async function approved(flags: ChangeFlags, here: Here): Promise<void> {
  if (flags.yes) return;
  if (here.terminal.interactive && !flags.json) {
    const { confirmChange } = await import("../prompts/confirm-release.ts");
    if (await confirmChange("Change these dist-tags?")) return;
  }
  throw new UserError("release/not-approved", "nobody approved of this plan", {
    hint: "read the plan, then run the same command with --yes",
  });
}

type Done = Awaited<ReturnType<typeof executeTagPlan>>;

/** Carries a plan of dist-tags out, with a journal beside that of its release. */
export async function carriedOut(plan: TagPlan, ground: ReleaseGround, here: Here): Promise<Done> {
  const journal = await openJournalFile(join(ground.home.folderOf(plan.release), "changes.jsonl"));
  try {
    const { action, moves } = plan;
    const planned = { at: new Date().toISOString(), action, moves: moves.map((move) => ({ ...move })) };
    await (await openJournal(journal)).record("planned", planned);
    return await executeTagPlan(plan, {
      registry: (url) => ground.registry(url),
      journal,
      clock: {
        nowMs: () => performance.now(),
        sleep: (durationMs) =>
          setTimeout(durationMs, undefined, { signal: here.signal }).catch(() => undefined),
      },
      random: () => Math.random(),
      onEvent: (event) => {
        const text = releaseEventText(event);
        if (text !== null) here.say(`  ${text}`);
      },
      stopped: () => here.signal.aborted,
    });
  } finally {
    await journal.close();
  }
}

function answered(plan: TagPlan, { done, failures }: Done, { flags, here, wanted }: Change): ExitStatus {
  // A promotion that a check turned into its opposite is none.
  const ended = plan.action === wanted ? 0 : 1;
  const exit = here.signal.aborted ? 130 : failures.length > 0 ? 3 : ended;
  if (flags.json) {
    here.answer(
      JSON.stringify({ type: "finished", action: plan.action, release: plan.release, done, failures, exit }),
    );
    return exit;
  }
  for (const { name, message } of failures) here.say(`${name}: ${message}`);
  const verb = plan.action === "promote" ? "promoted" : "rolled back";
  if (failures.length > 0)
    here.answer(`release ${plan.release} is only partly ${verb}: run the same command again`);
  else here.answer(`release ${plan.release} is ${verb}: ${plural(done, "change")}`);
  return exit;
}
