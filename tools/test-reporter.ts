import type { Reporter, TestModule } from "vitest/node";

/** Ends the run with the plain line that CI reads: `N passed, N failed`, and skipped ones by name with their reason. */
export default class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.state() === "failed" && [...module.children.allTests()].length === 0) states.failed++;
      for (const test of module.children.allTests()) states[test.result().state]++;
    }
    const skipped = states.skipped + states.pending;
    process.stdout.write(
      `\n${states.passed} passed, ${states.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`,
    );
  }
}
