import { command } from "../command.ts";

export const prComment = command({
  positionals: [],
  options: {
    base: { type: "text", value: "REF", summary: "what the branch is compared with; else what CI says" },
  },
  description: [
    "Prints Markdown: the packages and versions that the branch's changesets give, and the changed packages that none",
    "names. Its first line is a mark by which the comment is found again. Nothing is sent anywhere.",
  ],
  examples: [{ line: "slipway pr-comment > comment.md", does: "the comment, for a workflow to post" }],
  async run(context) {
    const { writePrComment } = await import("../journeys/pr-comment.ts");
    return writePrComment({ base: context.options.base }, context);
  },
});
