import { UserError } from "@slipway/kernel";
import { command } from "../command.ts";
import { names } from "../flags/selection.ts";
import { versioningChoices, versioningFlags } from "../flags/versioning.ts";

export const pre = command({
  positionals: [
    { name: "enter|exit", summary: "begin with prereleases, or end them" },
    { name: "TAG", summary: "what prereleases are called, such as next", optional: true },
  ],
  options: {
    package: {
      type: "text",
      short: "p",
      value: "NAMES",
      many: true,
      summary: "only these packages: they give prereleases while the others do not",
    },
    ...versioningFlags,
  },
  examples: [
    { line: "slipway pre enter next", does: "the next versions are 2.0.0-next.0 and so on" },
    { line: "slipway pre exit", does: "the next `slipway version` makes them releases" },
    { line: "slipway pre enter beta --package web", does: "prereleases of web alone" },
  ],
  async run(context) {
    const [word, tag] = context.positionals;
    const { enterPre, exitPre } = await import("../journeys/pre.ts");
    const choices = versioningChoices(context.options);
    const packages = names(context.options.package);
    if (packages.length > 0) {
      const { enterChannel, leaveChannel } = await import("../journeys/channel.ts");
      if (word === "enter" && tag !== undefined) return enterChannel({ tag, packages }, choices, context);
      if (word === "exit" && tag === undefined) return leaveChannel(packages, choices, context);
    }
    if (word === "enter" && tag !== undefined) return enterPre(tag, choices, context);
    if (word === "exit" && tag === undefined) return exitPre(choices, context);
    throw new UserError("cli/bad-argument", "pre takes `enter TAG` or `exit`", {
      hint: "as in `slipway pre enter next`",
    });
  },
});
