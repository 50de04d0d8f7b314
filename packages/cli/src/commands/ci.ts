import { UserError } from "@slipway/kernel";
import { command, type Command } from "../command.ts";

const options = {
  plan: { type: "boolean", summary: "print what would be written, and write nothing" },
  json: { type: "boolean", summary: "print what is written as JSON" },
} as const;

function ciCommand(forge: "github" | "gitlab", words: Pick<Command, "description" | "examples">): Command {
  return command({
    positionals: [],
    options,
    ...words,
    async run(context) {
      const { writeCi } = await import("../journeys/write-ci.ts");
      return writeCi({ forge, ...context.options }, context);
    },
  });
}

export const ciGitHub = ciCommand("github", {
  description: [
    "Writes the workflows that check the changesets of a pull request, comment on it (also for forks, without running their code), open the version pull request, and release in two jobs: one runs the repository's code and may write nothing, one has the token and runs none of it. Actions are pinned by commit.",
    "A workflow that publishes with Changesets today is edited in place: file name, environment, set-up steps and comments stay, and what is not taken over is named. Written again, only the version of Slipway changes.",
  ],
  examples: [{ line: "slipway ci github --plan", does: "show the workflows" }],
});

export const ciGitLab = ciCommand("gitlab", {
  description: [
    "Adds jobs to .gitlab-ci.yml that check the changesets of a merge request, open the version merge request, and release in two jobs: one runs the repository's code, one has the token and runs none of it. What is there stays.",
  ],
});

export const ci = command({
  positionals: [],
  options: {},
  run() {
    throw new UserError("cli/bad-argument", "`slipway ci` alone does not say for which forge", {
      hint: "`slipway ci github` or `slipway ci gitlab`",
    });
  },
});
