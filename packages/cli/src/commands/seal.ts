import { command } from "../command.ts";

export const seal = command({
  positionals: [{ name: "DIR", summary: "the folder to write" }],
  options: {
    channel: {
      type: "text",
      value: "TAG",
      summary: "the dist-tag that the release will move, instead of every package's own",
    },
    tag: { type: "text", value: "TAG", hidden: true, summary: "what other publishers call --channel" },
    build: { type: "text", value: "TASK", default: "build", summary: "the task that builds a package" },
    json: { type: "boolean", summary: "one JSON event a line; the last one names what was sealed" },
  },
  description: [
    "Builds, packs and tests what a release would publish, and writes it to a folder: the plan, and a tarball for each package, with their digests. `slipway release --from DIR` publishes exactly these bytes from any machine with the repository, and runs nothing of the repository's code. Needs no token.",
  ],
  examples: [{ line: "slipway seal sealed", does: "in the job that builds" }],
  async run(context) {
    const { sealHere } = await import("../journeys/release-here.ts");
    return sealHere(context.positionals[0] ?? "", context.options, context);
  },
});
