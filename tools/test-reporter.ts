import type { Reporter, TestModule } from "vitest/node";

/** Ends the run with the plain line that CI reads: `N passed, N failed`; above it, what was skipped and why. */
export default class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    const skipped = new Map<string, number>();
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      if (module.state() === "failed" && !tests.some((test) => test.result().state === "failed")) failed++;
      for (const test of tests) {
        const result = test.result();
        if (result.state === "passed") passed++;
        else if (result.state === "failed") failed++;
        else {
          const reason = (result.state === "skipped" && result.note) || "no reason given, or not chosen";
          skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
        }
      }
    }
    for (const [reason, count] of skipped) process.stdout.write(`\nskipped ${count}: ${reason}`);
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  }
}
