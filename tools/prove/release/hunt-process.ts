// node hunt-process.ts FIRST SCHEDULES: plays schedules until one violates something, and says which as JSON.
import kept from "../../../packages/release/test/schedules-for-mutants.json" with { type: "json" };
import { crashSweep, playedAll, randomShare } from "../release-simulation.ts";
import { scheduleOf } from "./schedule.ts";

const [first = 1, schedules = 1000] = process.argv.slice(2).map(Number);
const step = 200;

console.log(JSON.stringify(await hunted()));

async function hunted(): Promise<{ readonly after: number | null; readonly violation: string }> {
  try {
    // Each was made for a mutant that chance meets once in millions.
    const [shown] = await playedAll(kept.map(scheduleOf));
    if (shown) return { after: 0, violation: shown.violations[0] ?? "" };
    for (let done = 0; done < schedules; done += step) {
      const [violation] = await randomShare({ first: first + done, count: step });
      if (violation) {
        const after = Number(violation.what.replace("seed ", "")) - first + 1;
        return { after, violation: violation.violations[0] ?? "" };
      }
    }
    for (const mode of ["tag", "stage", "direct"] as const) {
      const { violations } = await crashSweep({ packages: 2, mode, stride: 1 });
      if (violations[0]) return { after: schedules, violation: violations[0].violations[0] ?? "" };
    }
  } catch (error) {
    return { after: schedules, violation: `it ended with ${String(error)}` };
  }
  return { after: null, violation: "" };
}
