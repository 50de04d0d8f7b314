import { command } from "../command.ts";
import { versioningChoices, versioningFlags } from "../flags/versioning.ts";

export const whyBump = command({
  positionals: [{ name: "PACKAGE", summary: "the package to explain" }],
  options: { json: { type: "boolean", summary: "print JSON" }, ...versioningFlags },
  examples: [{ line: "slipway why-bump web", does: "the chain from changesets to the new version of web" }],
  async run(context) {
    const { explainBump } = await import("../journeys/why-bump.ts");
    const [name = ""] = context.positionals;
    const { json } = context.options;
    return explainBump({ name, json }, versioningChoices(context.options), context);
  },
});
