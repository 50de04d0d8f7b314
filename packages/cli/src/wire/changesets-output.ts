import type { ReleaseEvent } from "@slipway/release";
import { appendFileSync } from "node:fs";

type Tagged = Extract<ReleaseEvent, { type: "git-tagged" }>;

/**
 * Tells changesets/action which tags were made: its second version reads a file of JSON lines, which must be there even
 * when nothing was released; its first one looks for these lines on stdout.
 * Source: changesets/action, src/run.ts; @changesets/release-utils, src/run.ts.
 */
export function changesetsOutput(env: Readonly<Record<string, string | undefined>>): {
  line(event: Tagged): string;
  record(event: Tagged): void;
} {
  const file = env["CHANGESETS_OUTPUT"];
  if (file) appendFileSync(file, "");
  return {
    line: ({ tag }) => `New tag: ${tag}`,
    record: ({ tag, package: packageName }) => {
      if (file) appendFileSync(file, `${JSON.stringify({ type: "git-tag", tag, packageName })}\n`);
    },
  };
}
