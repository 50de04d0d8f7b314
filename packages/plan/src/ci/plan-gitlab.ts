import { refreshed } from "./refreshed.ts";
import type { CiFacts, CiPlan } from "./types.ts";

const path = ".gitlab-ci.yml";
const begin = "# slipway: begin";
const end = "# slipway: end";

/** Plans the jobs of GitLab: they stand at the end of .gitlab-ci.yml between two marks; what else is there stays as it is. */
export async function planGitLab(facts: CiFacts): Promise<CiPlan> {
  const before = facts.files.get(path) ?? null;
  if (before?.includes(begin)) {
    const after = refreshed(before, facts);
    return {
      edits: after === before ? [] : [{ path, before, after }],
      notes: [`${path} has Slipway's jobs already: its version is brought up to date`],
    };
  }
  const text = jobs(facts);
  const joined = before === null || before === "" ? text : `${before.replace(/\s*$/, "")}\n\n${text}`;
  const after = before?.includes("\r\n") ? joined.replaceAll(/\r?\n/g, "\r\n") : joined;
  return { edits: [{ path, before, after }], notes: [...notesOn(await stagesIn(before)), ...tokens] };
}

const tokens = [
  "GITLAB_TOKEN: a project access token with the scopes api and write_repository, as a protected and masked variable",
  "SLIPWAY_COMMENT_TOKEN (optional): a token with the scope api, masked but not protected, for comments on merge requests of this project's own branches",
];

/** A pipeline with stages of its own has none for jobs that name no stage, but for `test`. */
async function stagesIn(text: string | null): Promise<readonly string[] | null> {
  if (text === null) return null;
  const { parse } = await import("../yaml.ts");
  const value: unknown = parse(text, { logLevel: "silent" });
  const stages = (value as { stages?: unknown } | null)?.stages;
  return Array.isArray(stages) ? stages.map(String) : null;
}

function notesOn(stages: readonly string[] | null): string[] {
  const missing = ["test", "build", "deploy"].filter((stage) => stages !== null && !stages.includes(stage));
  return missing.length === 0 ? [] : [`add to the stages of ${path}: ${missing.join(", ")}`];
}

/** GitLab keeps artefacts only from inside of the project: below node_modules they are in no one's way. */
const kept = "node_modules/.cache/slipway-ci";

function jobs(facts: CiFacts): string {
  const slipway = `npx --yes slipway@${facts.slipway}`;
  return `${begin}
# Written by \`slipway ci gitlab\`. Edit it: the next time, only the version of Slipway changes.
.slipway:
  image: node:24
  variables:
    GIT_DEPTH: "0"

${requestJobs(slipway)}
${releaseJobs(slipway, facts)}${end}
`;
}

function requestJobs(slipway: string): string {
  return `slipway:check:
  extends: .slipway
  stage: test
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - ${slipway} status --check

# A token is at hand only for branches of this project: what a fork's merge request runs must not see one.
slipway:comment:
  extends: .slipway
  stage: test
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID && $SLIPWAY_COMMENT_TOKEN
  allow_failure: true
  script:
    - GITLAB_TOKEN="$SLIPWAY_COMMENT_TOKEN" ${slipway} pr-comment --post
`;
}

function releaseJobs(slipway: string, facts: CiFacts): string {
  const branch = `$CI_COMMIT_BRANCH == ${JSON.stringify(facts.baseBranch)}`;
  const installing = install(facts).map((line) => `    - ${line}\n`);
  return `# Runs the repository's code: plans the versions of the pending changesets, or seals what is not released yet.
slipway:prepare:
  extends: .slipway
  stage: build
  rules:
    - if: ${branch}
  script:
${installing.join("")}    - ${slipway} version-pr --prepare ${kept}/plan.json
    - test -e ${kept}/plan.json || ${slipway} seal ${kept}/sealed
  artifacts:
    paths:
      - ${kept}
    expire_in: 1 week

# Opens or updates the version merge request, through GitLab's API.
slipway:version:
  extends: .slipway
  stage: deploy
  rules:
    - if: ${branch}
  needs: [slipway:prepare]
  script:
    - ${slipway} version-pr --from ${kept}/plan.json

# Publishes exactly what was sealed, and runs none of the repository's code.
slipway:release:
  extends: .slipway
  stage: deploy
  rules:
    - if: ${branch}
  needs: [slipway:prepare]
  environment: npm
  resource_group: slipway-release
  id_tokens:
    NPM_ID_TOKEN:
      aud: npm:registry.npmjs.org
    SIGSTORE_ID_TOKEN:
      aud: sigstore
  script:
    - test -e ${kept}/sealed || exit 0
    - git remote set-url origin "https://oauth2:$GITLAB_TOKEN@$CI_SERVER_HOST/$CI_PROJECT_PATH.git"
    - ${slipway} release --from ${kept}/sealed --yes
`;
}

function install({ manager }: CiFacts): string[] {
  const version = manager.version === null ? "" : `@${manager.version}`;
  switch (manager.name) {
    case "npm":
      return ["npm ci"];
    case "pnpm":
      return [`npm install --global pnpm${version || "@10"}`, "pnpm install --frozen-lockfile"];
    case "bun":
      return [`npm install --global bun${version}`, "bun install --frozen-lockfile"];
    case "yarn":
      return manager.berry
        ? ["corepack enable", "yarn install --immutable"]
        : ["yarn install --frozen-lockfile"];
  }
}
