import { command } from "../command.ts";

export const prComment = command({
  positionals: [],
  options: {
    base: { type: "text", value: "REF", summary: "what the branch is compared with; else what CI says" },
    json: { type: "boolean", summary: "print the facts behind it as JSON" },
    from: { type: "text", value: "FILE", summary: "take the facts from what --json printed elsewhere" },
    post: { type: "boolean", summary: "write it to the pull request, or edit the one that is there" },
  },
  description: [
    "Prints Markdown: the packages and versions that the branch's changesets give, and the changed packages that none names. Its first line is a mark by which the comment is found again. Without --post, nothing is sent anywhere.",
    "A fork's job has no right to comment: it keeps the facts, and a job of the repository itself (`workflow_run`) posts them with --from. That job runs nothing of the fork, and escapes what the facts say.",
  ],
  examples: [
    { line: "slipway pr-comment", does: "the comment, to look at" },
    { line: "slipway pr-comment --json > facts.json", does: "in the job of the pull request" },
    { line: "slipway pr-comment --from facts.json --post", does: "in the job that may comment" },
  ],
  async run(context) {
    const { writePrComment } = await import("../journeys/pr-comment.ts");
    return writePrComment(context.options, context);
  },
});
