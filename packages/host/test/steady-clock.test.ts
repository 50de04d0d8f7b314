import { expect, test } from "vitest";
import { steadyClock } from "../src/steady-clock.ts";

test("time goes on while the machine sleeps, and never back when the wall clock is put back", () => {
  const at = { monotonic: 500, wall: 1_000_000 };
  const now = steadyClock(
    () => at.monotonic,
    () => at.wall,
  );
  const later = (monotonic: number, wall: number): number => {
    at.monotonic += monotonic;
    at.wall += wall;
    return now();
  };
  expect(later(10, 10)).toBe(10);
  expect(later(5, 3_600_005), "an hour of sleep").toBe(3_600_015);
  expect(later(10, -7_200_000), "put back by two hours").toBe(3_600_025);
  expect(later(10, 10)).toBe(3_600_035);
});
