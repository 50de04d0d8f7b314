import { isRecord } from "@slipway/kernel";
import type { Findings } from "../parse/findings.ts";
import type { WorkspacePackage } from "../types.ts";

/** Runners by the package that brings them, and what only they read. */
const runners: Readonly<Record<string, string>> = {
  lage: "lage.config.js",
  wireit: '"wireit" in package.json',
  "@moonrepo/cli": ".moon and moon.yml",
  "@microsoft/rush": "rush.json",
};

/** Where package scripts are the tasks, the rules of a runner that is there all the same would be missed in silence. */
export function warnOfOtherRunners(packages: readonly WorkspacePackage[], findings: Findings): void {
  const manifest = packages.find(({ dir }) => dir === "")?.manifest ?? {};
  for (const [name, file] of Object.entries(runners)) {
    const there = ["dependencies", "devDependencies"].some((field) => {
      const listed = manifest[field];
      return isRecord(listed) && Object.hasOwn(listed, name);
    });
    if (!there) continue;
    findings.warnings.push({
      code: "task/other-runner",
      message: `the root depends on ${name}, whose rules (${file}) are not read: tasks are package scripts, in the order in which packages depend on each other`,
      file: "package.json",
      hint: "slipway.json, turbo.json or nx.json can say what tasks need, read and write",
    });
  }
}

/** What such a script reads, needs and writes stands where only wireit looks, which has a cache of its own. */
export function isWireit(script: string | undefined): boolean {
  return script !== undefined && /^wireit(?:\s|$)/.test(script);
}
