import type { CommandWords, Options } from "../command.ts";
import { changeFlags, sourceFlags } from "./selection.ts";

const ownFlags = {
  json: { type: "boolean", summary: "print JSON" },
  targets: {
    type: "text",
    short: "t",
    value: "TASKS",
    many: true,
    hidden: true,
    summary: "nx: the same as TASK, with commas",
  },
} as const satisfies Options;

export type AffectedOptions = typeof ownFlags & typeof changeFlags & typeof sourceFlags;

/** What `slipway affected` takes: all of the command but what it does. */
export const affectedWords: CommandWords<AffectedOptions> = {
  positionals: [
    {
      name: "TASK",
      summary: "also which tasks of these names the change reaches",
      optional: true,
      many: true,
    },
  ],
  options: { ...ownFlags, ...changeFlags, ...sourceFlags },
};
