import { uses } from "./pinned-actions.ts";
import type { CiFacts } from "./types.ts";
import { checkout, indented, node, slipway, workflowText } from "./workflow-lines.ts";

/** `name: Changesets` is what the workflow that comments waits for. */
export function checkWorkflow(facts: CiFacts): string {
  return workflowText([
    "name: Changesets",
    "",
    "on:",
    "  pull_request:",
    "",
    "permissions: {}",
    "",
    "jobs:",
    "  check:",
    ...indented(
      [
        "runs-on: ubuntu-latest",
        "permissions:",
        "  contents: read",
        "steps:",
        ...indented([
          ...checkout(),
          ...node(),
          "- name: Find out what this pull request would release",
          `  run: ${slipway(facts)} pr-comment --json > "$RUNNER_TEMP/facts.json"`,
          "- name: Keep it for the job that comments",
          `  ${uses("actions/upload-artifact")}`,
          "  with:",
          "    name: changesets",
          "    path: ${{ runner.temp }}/facts.json",
          "- name: Every changed package has its changeset",
          `  run: ${slipway(facts)} status --check`,
        ]),
      ],
      4,
    ),
  ]);
}

export function commentWorkflow(facts: CiFacts): string {
  return workflowText([
    "name: Changesets comment",
    "",
    "# A pull request from a fork has no right to comment. This runs after its check, in the repository itself: it checks out",
    "# and runs nothing of the pull request, and takes what its job kept for a stranger's words.",
    "on:",
    "  workflow_run:",
    "    workflows: [Changesets]",
    "    types: [completed]",
    "",
    "permissions: {}",
    "",
    "jobs:",
    "  comment:",
    ...indented(
      [
        "if: github.event.workflow_run.event == 'pull_request'",
        "runs-on: ubuntu-latest",
        "permissions:",
        "  actions: read # the artefact of the check",
        "  pull-requests: write",
        "steps:",
        ...indented([
          ...node(),
          `- ${uses("actions/download-artifact")}`,
          "  continue-on-error: true # the check may have failed before it kept anything",
          "  with:",
          "    name: changesets",
          "    path: ${{ runner.temp }}/changesets",
          "    run-id: ${{ github.event.workflow_run.id }}",
          "    github-token: ${{ github.token }}",
          "- name: Write or update the comment",
          `  run: ${slipway(facts)} pr-comment --from "$RUNNER_TEMP/changesets/facts.json" --post`,
          "  env:",
          "    GITHUB_TOKEN: ${{ github.token }}",
        ]),
      ],
      4,
    ),
  ]);
}
