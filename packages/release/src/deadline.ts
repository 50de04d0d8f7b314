import type { Clock } from "./ports.ts";

export interface Deadline {
  /** Never more than it was made with, whatever the clock does: one that is put back does not lengthen a wait. */
  leftMs(): number;
}

export function makeDeadline(clock: Clock, budgetMs: number): Deadline {
  let endMs = clock.nowMs() + budgetMs;
  return {
    leftMs: () => {
      const nowMs = clock.nowMs();
      endMs = Math.min(endMs, nowMs + budgetMs);
      return endMs - nowMs;
    },
  };
}
