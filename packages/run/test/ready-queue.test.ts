import type { TaskId } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fitsInMemory } from "../src/memory-fit.ts";
import { ReadyQueue, type Place } from "../src/ready-queue.ts";

function planned(id: TaskId, over: Partial<PlannedTask> = {}): PlannedTask {
  const action = { kind: "script", script: "build" } as const;
  return { id, needs: [], action, persistent: false, parallelism: true, ...over } as PlannedTask;
}

const room: Place = { free: 1, running: [], fits: () => true };

function order(tasks: readonly PlannedTask[], durations: Readonly<Record<string, number>>): TaskId[] {
  const queue = new ReadyQueue(tasks, (id) => durations[id] ?? null);
  const given: TaskId[] = [];
  for (let task = queue.next(room); task; task = queue.next(room)) {
    given.push(task.id);
    queue.done(task.id);
  }
  return given;
}

test("of what is ready the task with the longest way to the end starts first, by how long tasks took last time", () => {
  const tasks = [
    planned("short#build"),
    planned("long#build"),
    planned("lib#build"),
    planned("app#build", { needs: ["lib#build"] }),
  ];
  expect(order(tasks, { "short#build": 10, "long#build": 500, "lib#build": 100, "app#build": 900 })).toEqual([
    "lib#build",
    "app#build",
    "long#build",
    "short#build",
  ]);
});

test("no more tasks of a group run at a time than it may have, and others pass them", () => {
  const heavy = [{ group: "heavy", max: 1 }];
  const tasks = [
    planned("a#build", { limits: heavy }),
    planned("b#build", { limits: heavy }),
    planned("c#lint"),
  ];
  const queue = new ReadyQueue(tasks, () => null);
  expect(queue.next(room)?.id).toBe("a#build");
  const running: Place = { ...room, running: ["a#build"] };
  expect(queue.next(running)?.id).toBe("c#lint");
  expect(queue.next(running)).toBeNull();
  expect(queue.next(room)?.id).toBe("b#build");
});

test("a higher priority goes before a longer way to the end", () => {
  const tasks = [
    planned("long#build"),
    planned("first#build", { priority: 2 }),
    planned("last#build", { priority: -1 }),
  ];
  expect(order(tasks, { "long#build": 500, "last#build": 900 })).toEqual([
    "first#build",
    "long#build",
    "last#build",
  ]);
});

const sketch = fc.array(
  fc.record({
    needs: fc.array(fc.nat(), { maxLength: 3 }),
    parallelism: fc.boolean(),
    persistent: fc.boolean(),
    bytes: fc.integer({ min: 0, max: 16 * 1024 ** 3 }),
  }),
  { minLength: 1, maxLength: 25 },
);

test("whatever tasks take of memory and whichever run alone, all of them run in the end", () => {
  fc.assert(
    fc.property(sketch, fc.nat(4 * 1024 ** 3), fc.integer({ min: 1, max: 4 }), (drawn, available, places) => {
      const tasks = drawn.map(({ needs, parallelism, persistent }, at) =>
        planned(`t${at}#build`, {
          parallelism,
          persistent,
          needs: at === 0 ? [] : [...new Set(needs.map((need) => `t${need % at}#build` as const))],
        }),
      );
      const bytesOf = new Map(tasks.map(({ id }, at) => [id, drawn[at]?.bytes ?? 0]));
      const queue = new ReadyQueue(tasks, () => null);
      const running: PlannedTask[] = [];
      const given = new Set<TaskId>();
      for (;;) {
        const placed = running.map(({ id }) => ({
          nowBytes: 0,
          peakBytes: 0,
          expectedBytes: bytesOf.get(id) ?? 0,
        }));
        const task = queue.next({
          free: places - running.length,
          running: running.map(({ id }) => id),
          fits: ({ id }) => fitsInMemory(bytesOf.get(id) ?? 0, placed, () => available),
        });
        if (task) {
          given.add(task.id);
          // One that goes on until it is ended is ready at once here, and holds no place.
          if (task.persistent) queue.done(task.id);
          else {
            expect(running.every((other) => other.parallelism)).toBe(true);
            expect(task.parallelism || running.length === 0).toBe(true);
            running.push(task);
          }
          continue;
        }
        const ended = running.shift();
        if (!ended) break;
        queue.done(ended.id);
      }
      expect(given.size).toBe(tasks.length);
    }),
  );
});
