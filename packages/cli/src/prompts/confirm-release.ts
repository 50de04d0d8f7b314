import { confirm, isCancel } from "@clack/prompts";
import type { ReleasePlan } from "@slipway/plan";
import { plural } from "../report/text.ts";

/** The one question before a release; no answer is no. */
export async function confirmRelease(plan: ReleasePlan): Promise<boolean> {
  const answer = await confirm({
    message: `Release ${plural(plan.packages.length, "package")}?`,
    initialValue: false,
    output: process.stderr,
  });
  return !isCancel(answer) && answer;
}
