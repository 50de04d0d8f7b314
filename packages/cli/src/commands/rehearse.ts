import { command } from "../command.ts";

export const rehearse = command({
  positionals: [],
  options: {
    "include-uncommitted": {
      type: "boolean",
      summary: "take uncommitted changes along; else they are named and left out",
    },
    build: { type: "text", value: "TASK", default: "build", summary: "the task that builds a package" },
    concurrency: {
      type: "number",
      value: "N",
      unit: "tasks",
      min: 1,
      env: ["SLIPWAY_CONCURRENCY"],
      summary: "tasks at a time; else as many as there are processors",
    },
    force: { type: "boolean", summary: "build everything anew, whatever the cache has" },
    keep: { type: "boolean", summary: "keep the scratch folder, to look at what was made" },
    "cache-dir": {
      type: "text",
      value: "DIR",
      env: ["SLIPWAY_CACHE_DIR"],
      summary: "where results and fetched package managers are kept; else the user's cache directory",
    },
    json: { type: "boolean", summary: "one JSON event a line, the report as the last" },
  },
  description: [
    "Carries out the whole release in a scratch checkout, against two embedded registries: install, versions, build, seal, stage, gates, publish, promote, and a consumer who installs what came out. The repository, git, HOME and every real registry are afterwards as they were. No token is needed.",
    "Exit status: 0 when the release would go out, 1 when a gate or a build says no, 3 when the outside failed.",
  ],
  examples: [
    {
      line: "slipway rehearse",
      does: "the release of the pending changesets, without touching anything real",
    },
    { line: "slipway rehearse --include-uncommitted", does: "with what is not committed yet" },
  ],
  async run(context) {
    const { rehearseHere } = await import("../journeys/rehearse-here.ts");
    return rehearseHere(context.options, context);
  },
});
