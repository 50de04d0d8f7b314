import { confirm, isCancel } from "@clack/prompts";
import type { ReleasePlan } from "@slipway/plan";
import { plural } from "../report/text.ts";

/** The one question before a release; no answer is no. */
export function confirmRelease(plan: ReleasePlan): Promise<boolean> {
  return confirmChange(`Release ${plural(plan.packages.length, "package")}?`);
}

export async function confirmChange(message: string): Promise<boolean> {
  const answer = await confirm({ message, initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
}
