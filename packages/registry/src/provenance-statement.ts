import type { Integrity, PackageName } from "@slipway/kernel";

type Environment = Readonly<Record<string, string | undefined>>;

export interface ProvenanceSubject {
  readonly name: PackageName;
  readonly version: string;
  readonly integrity: Integrity;
}

/**
 * What was built, from which commit, by which job: the statement that npm's registry checks a provenance for. Null
 * outside of GitHub Actions and GitLab CI, which are those it takes.
 * Source: libnpmpublish 11 (SLSA provenance v1 for GitHub, v0.2 for GitLab).
 */
export function provenanceStatement(
  subject: ProvenanceSubject,
  env: Environment,
): Record<string, unknown> | null {
  const subjects = [{ name: purlOf(subject), digest: { sha512: hexOf(subject.integrity) } }];
  if (env["GITHUB_ACTIONS"]) {
    return {
      _type: "https://in-toto.io/Statement/v1",
      subject: subjects,
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: githubPredicate(env),
    };
  }
  if (env["GITLAB_CI"]) {
    return {
      _type: "https://in-toto.io/Statement/v0.1",
      subject: subjects,
      predicateType: "https://slsa.dev/provenance/v0.2",
      predicate: gitlabPredicate(env),
    };
  }
  return null;
}

function githubPredicate(env: Environment): Record<string, unknown> {
  const repository = `${env["GITHUB_SERVER_URL"]}/${env["GITHUB_REPOSITORY"]}`;
  // OWNER/REPOSITORY/PATH@REF
  const [path, ref] = (env["GITHUB_WORKFLOW_REF"] ?? "")
    .replace(`${env["GITHUB_REPOSITORY"]}/`, "")
    .split("@");
  return {
    buildDefinition: {
      buildType: "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
      externalParameters: { workflow: { ref, repository, path } },
      internalParameters: {
        github: {
          event_name: env["GITHUB_EVENT_NAME"],
          repository_id: env["GITHUB_REPOSITORY_ID"],
          repository_owner_id: env["GITHUB_REPOSITORY_OWNER_ID"],
        },
      },
      resolvedDependencies: [
        { uri: `git+${repository}@${env["GITHUB_REF"]}`, digest: { gitCommit: env["GITHUB_SHA"] } },
      ],
    },
    runDetails: {
      builder: { id: `https://github.com/actions/runner/${env["RUNNER_ENVIRONMENT"]}` },
      metadata: {
        invocationId: `${repository}/actions/runs/${env["GITHUB_RUN_ID"]}/attempts/${env["GITHUB_RUN_ATTEMPT"]}`,
      },
    },
  };
}

/** Named one by one: GitLab's variables hold tokens and passwords, too. */
const gitlabParameters = (
  "CI CI_API_V4_URL CI_COMMIT_BRANCH CI_COMMIT_REF_NAME CI_COMMIT_REF_PROTECTED CI_COMMIT_SHA CI_COMMIT_TIMESTAMP " +
  "CI_CONFIG_PATH CI_DEFAULT_BRANCH CI_JOB_ID CI_JOB_NAME CI_JOB_STAGE CI_JOB_STARTED_AT CI_JOB_URL CI_PIPELINE_ID " +
  "CI_PIPELINE_IID CI_PIPELINE_SOURCE CI_PIPELINE_URL CI_PROJECT_ID CI_PROJECT_NAMESPACE CI_PROJECT_PATH CI_PROJECT_URL " +
  "CI_PROJECT_VISIBILITY CI_RUNNER_DESCRIPTION CI_RUNNER_ID CI_SERVER_HOST CI_SERVER_URL CI_SERVER_VERSION GITLAB_CI"
).split(" ");

function gitlabPredicate(env: Environment): Record<string, unknown> {
  const uri = `git+${env["CI_PROJECT_URL"]}`;
  const digest = { sha1: env["CI_COMMIT_SHA"] };
  return {
    buildType: "https://github.com/npm/cli/gitlab/v0alpha1",
    builder: { id: `${env["CI_PROJECT_URL"]}/-/runners/${env["CI_RUNNER_ID"]}` },
    invocation: {
      configSource: { uri, digest, entryPoint: env["CI_JOB_NAME"] },
      parameters: Object.fromEntries(gitlabParameters.map((name) => [name, env[name]])),
      environment: {
        name: env["CI_RUNNER_DESCRIPTION"],
        architecture: env["CI_RUNNER_EXECUTABLE_ARCH"],
        server: env["CI_SERVER_URL"],
        project: env["CI_PROJECT_PATH"],
        job: { id: env["CI_JOB_ID"] },
        pipeline: { id: env["CI_PIPELINE_ID"], ref: env["CI_CONFIG_PATH"] },
      },
    },
    metadata: {
      buildInvocationId: env["CI_JOB_URL"],
      completeness: { parameters: true, environment: true, materials: false },
      reproducible: false,
    },
    materials: [{ uri, digest }],
  };
}

/** A package URL as npm writes it: the scope's `@` is escaped, its slash is not. */
function purlOf({ name, version }: ProvenanceSubject): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${encodeURIComponent(version)}`;
}

function hexOf(integrity: Integrity): string {
  return Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");
}
