import { command } from "../command.ts";

export const release = command({
  positionals: [],
  options: {
    yes: { type: "boolean", short: "y", summary: "approve of the plan: needed where nobody can be asked" },
    approve: {
      type: "text",
      value: "DIGEST",
      summary: "approve of the plan with this digest and no other: where `release.approval` asks for it",
    },
    plan: { type: "boolean", summary: "show what would be released, and stop" },
    channel: {
      type: "text",
      value: "TAG",
      summary: "the dist-tag that moves, instead of every package's own (`latest`)",
    },
    tag: { type: "text", value: "TAG", hidden: true, summary: "what other publishers call --channel" },
    mode: {
      type: "text",
      value: "MODE",
      choices: ["tag", "stage", "direct"],
      summary:
        "`tag`: all at once, by dist-tags; `stage`: a person approves; `direct`: one after the other. As the credentials allow when not said",
    },
    otp: {
      type: "text",
      value: "CODE",
      env: ["NPM_CONFIG_OTP", "npm_config_otp"],
      summary: "the one-time password; asked for on a terminal",
    },
    provenance: {
      type: "boolean",
      summary: "sign where the packages were built; as they are configured when not said",
    },
    build: { type: "text", value: "TASK", default: "build", summary: "the task that builds a package" },
    from: {
      type: "text",
      value: "DIR",
      summary: "publish exactly what `slipway seal` wrote there, and build nothing",
    },
    json: { type: "boolean", summary: "one JSON event a line; the last one says how it ended" },
  },
  description: [
    "Releases every version that the workspace has and its registry has not, as one batch: build, seal, test on an embedded registry, upload under a tag of its own, confirm all, then move the dist-tags in one pass and tag in git. The registry is the one that publishConfig or .npmrc names.",
    "Every step is in a journal before it is done. Killed at any moment, the same command goes on where it was, also on another machine.",
    "Exit status: 0 when all of it is done, 1 when a gate, a build or a registry says no, 2 when it was asked wrongly or nobody approved, 3 when the outside failed and the same command may help.",
  ],
  examples: [
    { line: "slipway release", does: "show the plan, ask, and release" },
    { line: "slipway release --yes", does: "release without a question, in CI" },
    { line: "slipway release --from sealed --yes", does: "publish what another job built and sealed" },
    { line: "slipway release --channel next", does: "move `next` instead of `latest`" },
  ],
  async run(context) {
    const { releaseHere } = await import("../journeys/release-here.ts");
    const { provenance, ...flags } = context.options;
    return releaseHere(
      { ...flags, provenance: context.given.has("provenance") ? provenance : null },
      context,
    );
  },
});
