import type { ForkHead } from "@slipway/forge";
import { isRecord } from "@slipway/kernel";
import type { NewFilePlace } from "../report/pr-comment.ts";
import { jobEvent } from "./job-event.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The pull or merge request that a CI job is about. */
export interface RequestHere {
  /** Null: to be found by its newest commit. */
  readonly number: number | null;
  readonly head: ForkHead | null;
  /** Null: nobody says which repository and branch a file could be added to. */
  readonly place: NewFilePlace | null;
}

/** Reads it from the event of a GitHub job (`pull_request`, `workflow_run`) or from GitLab's variables. */
export async function requestHere(env: Environment): Promise<RequestHere> {
  if (env["GITLAB_CI"] === "true") return onGitLab(env);
  const event = await jobEvent(env);
  const request = at(event, "pull_request");
  const server = env["GITHUB_SERVER_URL"] || "https://github.com";
  if (isRecord(request)) {
    const number = request["number"];
    const repository = textAt(request, "head", "repo", "full_name");
    return {
      number: typeof number === "number" ? number : null,
      head: null,
      place: placeOf(server, repository, textAt(request, "head", "ref")),
    };
  }
  const run = at(event, "workflow_run");
  const commit = textAt(run, "head_sha");
  const owner = textAt(run, "head_repository", "owner", "login");
  const branch = textAt(run, "head_branch");
  return {
    number: null,
    head: commit && owner && branch ? { commit, owner, branch } : null,
    place: placeOf(server, textAt(run, "head_repository", "full_name"), branch),
  };
}

function onGitLab(env: Environment): RequestHere {
  const number = Number(env["CI_MERGE_REQUEST_IID"]);
  const repositoryUrl = env["CI_MERGE_REQUEST_SOURCE_PROJECT_URL"];
  const branch = env["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"];
  return {
    number: Number.isInteger(number) && number > 0 ? number : null,
    head: null,
    place: repositoryUrl && branch ? { kind: "gitlab", repositoryUrl, branch } : null,
  };
}

function placeOf(server: string, repository: string | null, branch: string | null): NewFilePlace | null {
  if (!repository || !branch || !/^[\w.-]+\/[\w.-]+$/.test(repository)) return null;
  return { kind: "github", repositoryUrl: `${server}/${repository}`, branch };
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) here = isRecord(here) ? here[key] : undefined;
  return here;
}

function textAt(value: unknown, ...keys: readonly string[]): string | null {
  const found = at(value, ...keys);
  return typeof found === "string" && found !== "" ? found : null;
}
