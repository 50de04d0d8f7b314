import { uses } from "./pinned-actions.ts";
import type { CiFacts } from "./types.ts";
import { checkout, indented, node, slipway, workflowText } from "./workflow-lines.ts";

/** What an existing workflow says about its jobs, as lines of YAML, taken over as they are. */
export interface TakenOver {
  /** `if` of the first job; the others follow it. */
  readonly condition: readonly string[];
  /** `runs-on` and `timeout-minutes`. */
  readonly machine: readonly string[];
  /** Variables of the first job, without tokens of a registry. */
  readonly env: readonly string[];
  /** Steps that bring the repository and its tools, from the job's beginning; null: the usual ones. */
  readonly setup: readonly string[] | null;
  /** Of the version pull request. */
  readonly title: string | null;
  readonly publish: {
    readonly job: string;
    /** `name` and `environment`: checks wait for the one, trusted publishers may be bound to the other. */
    readonly lines: readonly string[];
    /** The secret with the registry's token, as an expression; null: trusted publishing alone. */
    readonly token: string | null;
  };
  /** Names of jobs that are taken already. */
  readonly taken: ReadonlySet<string>;
}

export const fresh: TakenOver = {
  condition: [],
  machine: ["runs-on: ubuntu-latest"],
  env: [],
  setup: null,
  title: null,
  publish: { job: "release", lines: ["environment: npm"], token: "${{ secrets.NPM_TOKEN }}" },
  taken: new Set(),
};

export interface JobBlock {
  readonly name: string;
  readonly lines: readonly string[];
}

/**
 * The jobs of a push to the base branch: `prepare` runs the repository's code and may write nothing; of the two others,
 * which may write, each runs only what `prepare` has kept, and none of the repository's code.
 */
export function releaseJobs(facts: CiFacts, taken: TakenOver): readonly JobBlock[] {
  const prepare = freeName("prepare", taken);
  const version = freeName("version", taken);
  return [
    { name: prepare, lines: prepareJob(facts, taken) },
    { name: version, lines: versionJob(facts, taken, prepare) },
    { name: taken.publish.job, lines: publishJob(facts, taken, prepare) },
  ];
}

function prepareJob(facts: CiFacts, taken: TakenOver): string[] {
  return [
    "# Runs the repository's code, so it has no right to write and sees no token of a registry.",
    ...taken.condition,
    ...taken.machine,
    "permissions:",
    "  contents: read",
    "  pull-requests: read # changelogs may name pull requests",
    ...(taken.env.length === 0 ? [] : ["env:", ...indented(taken.env)]),
    "outputs:",
    "  versions: ${{ steps.versions.outputs.artifact-id }}",
    "  sealed: ${{ steps.sealed.outputs.artifact-id }}",
    "steps:",
    ...indented([
      ...(taken.setup ?? [...checkout(), ...tools(facts), ...install(facts)]),
      "- name: Plan the versions of the pending changesets",
      `  run: ${slipway(facts)} version-pr --prepare "$RUNNER_TEMP/versions/plan.json"`,
      "  env:",
      "    GITHUB_TOKEN: ${{ github.token }}",
      "- name: Keep the plan",
      "  id: versions",
      `  ${uses("actions/upload-artifact")}`,
      "  with:",
      "    name: versions",
      "    path: ${{ runner.temp }}/versions",
      "    if-no-files-found: ignore # nothing is pending",
      "- name: Build, test and seal what is not released yet",
      "  if: steps.versions.outputs.artifact-id == ''",
      `  run: ${slipway(facts)} seal "$RUNNER_TEMP/sealed"`,
      "- name: Keep what was sealed",
      "  id: sealed",
      "  if: steps.versions.outputs.artifact-id == ''",
      `  ${uses("actions/upload-artifact")}`,
      "  with:",
      "    name: sealed",
      "    path: ${{ runner.temp }}/sealed",
      "    if-no-files-found: ignore # everything is released",
    ]),
  ];
}

function versionJob(facts: CiFacts, taken: TakenOver, prepare: string): string[] {
  const { title } = taken;
  return [
    "# Opens or updates the version pull request, through GitHub's API.",
    `needs: ${prepare}`,
    `if: needs.${prepare}.outputs.versions != ''`,
    ...taken.machine,
    "permissions:",
    "  contents: write # the branch changeset-release/BASE",
    "  pull-requests: write",
    "steps:",
    ...indented([
      ...checkout(),
      ...node(),
      `- ${uses("actions/download-artifact")}`,
      "  with:",
      "    name: versions",
      "    path: ${{ runner.temp }}/versions",
      "- name: Open or update the version pull request",
      `  run: ${slipway(facts)} version-pr --from "$RUNNER_TEMP/versions/plan.json"${title === null ? "" : ' --title "$TITLE"'}`,
      "  env:",
      "    GITHUB_TOKEN: ${{ github.token }}",
      ...(title === null ? [] : [`    TITLE: ${JSON.stringify(title)}`]),
    ]),
  ];
}

function publishJob(facts: CiFacts, taken: TakenOver, prepare: string): string[] {
  const { token } = taken.publish;
  return [
    "# Publishes exactly what was sealed, and runs none of the repository's code.",
    `needs: ${prepare}`,
    `if: needs.${prepare}.outputs.sealed != ''`,
    ...taken.publish.lines,
    ...taken.machine,
    "permissions:",
    "  contents: write # git tags",
    "  id-token: write # trusted publishing, provenance",
    "steps:",
    ...indented([
      `- ${uses("actions/checkout")}`,
      "  with:",
      "    fetch-depth: 0",
      "    persist-credentials: true # git tags are pushed",
      `- ${uses("actions/setup-node")}`,
      "  with:",
      "    node-version: 24",
      "    package-manager-cache: false",
      ...(token === null ? [] : ["    registry-url: https://registry.npmjs.org"]),
      `- ${uses("actions/download-artifact")}`,
      "  with:",
      "    name: sealed",
      "    path: ${{ runner.temp }}/sealed",
      "- name: Publish what was sealed",
      `  run: ${slipway(facts)} release --from "$RUNNER_TEMP/sealed" --yes`,
      "  env:",
      "    GITHUB_TOKEN: ${{ github.token }}",
      ...(token === null ? [] : [`    NODE_AUTH_TOKEN: ${token}`]),
    ]),
  ];
}

export function releaseWorkflow(facts: CiFacts): string {
  return workflowText([
    "name: Release",
    "",
    "on:",
    "  push:",
    `    branches: [${JSON.stringify(facts.baseBranch)}]`,
    "",
    "permissions: {}",
    "",
    "concurrency:",
    "  group: ${{ github.workflow }}-${{ github.ref }}",
    "  cancel-in-progress: false",
    "",
    "jobs:",
    jobsText(releaseJobs(facts, fresh), 2),
  ]);
}

export function jobsText(jobs: readonly JobBlock[], column: number): string {
  const margin = " ".repeat(column);
  return jobs
    .map(({ name, lines }) => `${margin}${name}:\n${indented(lines, column + 2).join("\n")}`)
    .join("\n\n");
}

function tools({ manager }: CiFacts): string[] {
  if (manager.name === "pnpm") {
    const version = manager.version === null ? ["  with:", "    version: 10"] : [];
    return [`- ${uses("pnpm/action-setup")}`, ...version, ...node()];
  }
  return [...node(), ...(manager.name === "bun" ? [`- ${uses("oven-sh/setup-bun")}`] : [])];
}

function install({ manager }: CiFacts): string[] {
  const yarn = manager.berry ? "yarn install --immutable" : "yarn install --frozen-lockfile";
  const commands = {
    pnpm: "pnpm install --frozen-lockfile",
    npm: "npm ci",
    bun: "bun install --frozen-lockfile",
    yarn: manager.version === null ? yarn : `corepack enable && ${yarn}`,
  };
  return [`- run: ${commands[manager.name]}`];
}

/** A job of the workflow that stays may have the name already. */
function freeName(name: string, { taken, publish }: TakenOver): string {
  const isFree = (candidate: string): boolean => !taken.has(candidate) && candidate !== publish.job;
  return [name, `slipway-${name}`, `slipway-${name}-2`].find(isFree) ?? name;
}
