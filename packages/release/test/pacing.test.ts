import { expect, test } from "vitest";
import type { Answer } from "../src/index.ts";
import { defaultPacing, makePacing } from "../src/pacing.ts";

function paced() {
  const world = { nowMs: 0, slept: [] as number[], pauses: [] as number[] };
  const pacing = makePacing({
    clock: {
      nowMs: () => world.nowMs,
      sleep: (durationMs) => {
        world.slept.push(durationMs);
        world.nowMs += durationMs;
        return Promise.resolve();
      },
    },
    random: () => 0,
    onPause: (durationMs) => world.pauses.push(durationMs),
  });
  return { world, pacing };
}

function busy(retryAfterMs: number | null): Answer {
  return { outcome: "retryable", message: "429", retryAfterMs };
}

test("one pause holds for everybody, and a shorter one that is asked for meanwhile changes nothing", async () => {
  const { world, pacing } = paced();
  pacing.note(busy(7_000));
  pacing.note(busy(2_000));
  expect(world.pauses).toEqual([7_000]);
  await Promise.all([pacing.ready(), pacing.ready(), pacing.ready()]);
  await pacing.ready();
  expect(world.slept).toEqual([7_000]);
});

test("a longer pause lengthens the one that is on, and no registry is obeyed for longer than five minutes", async () => {
  const { world, pacing } = paced();
  pacing.note(busy(1_000));
  pacing.note(busy(1_934_000));
  expect(world.pauses).toEqual([1_000, defaultPacing.retryAfterCapMs]);
  await pacing.ready();
  expect(world.nowMs).toBe(300_000);
});

test("a clock that is put back makes no pause longer than it was", async () => {
  const { world, pacing } = paced();
  pacing.note(busy(5_000));
  world.nowMs = -1e9;
  await pacing.ready();
  expect(world.slept).toEqual([5_000]);
});

test("faults halve what goes on at once, answers let it grow again up to a bound", () => {
  const { pacing } = paced();
  expect(pacing.concurrency()).toBe(8);
  for (let count = 0; count < 10; count++) pacing.note({ outcome: "unknown", message: "503" });
  expect(pacing.concurrency()).toBe(1);
  for (let count = 0; count < 1_000; count++) pacing.note({ outcome: "accepted" });
  expect(pacing.concurrency()).toBe(defaultPacing.maximumConcurrency);
  pacing.note({ outcome: "permanent", message: "403", cause: "forbidden" });
  expect(pacing.concurrency(), "a refusal is no sign of load").toBe(defaultPacing.maximumConcurrency);
});

test("waits double up to the longest, never less than half of it by chance", () => {
  const { pacing } = paced();
  expect([1, 2, 3, 20].map((attempt) => pacing.backoffMs(attempt))).toEqual([250, 500, 1_000, 15_000]);
});
