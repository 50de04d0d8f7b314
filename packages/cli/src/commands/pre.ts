import { UserError } from "@slipway/kernel";
import { command } from "../command.ts";
import { versioningChoices, versioningFlags } from "../flags/versioning.ts";

export const pre = command({
  positionals: [
    { name: "enter|exit", summary: "begin with prereleases, or end them" },
    { name: "TAG", summary: "what prereleases are called, such as next", optional: true },
  ],
  options: { ...versioningFlags },
  examples: [
    { line: "slipway pre enter next", does: "the next versions are 2.0.0-next.0 and so on" },
    { line: "slipway pre exit", does: "the next `slipway version` makes them releases" },
  ],
  async run(context) {
    const [word, tag] = context.positionals;
    const { enterPre, exitPre } = await import("../journeys/pre.ts");
    const choices = versioningChoices(context.options);
    if (word === "enter" && tag !== undefined) return enterPre(tag, choices, context);
    if (word === "exit" && tag === undefined) return exitPre(choices, context);
    throw new UserError("cli/bad-argument", "pre takes `enter TAG` or `exit`", {
      hint: "as in `slipway pre enter next`",
    });
  },
});
