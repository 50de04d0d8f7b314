import { forgeClient, type ClientOptions } from "./forge-client.ts";
import { gitHub } from "./github.ts";
import { gitLab } from "./gitlab.ts";
import type { Forge, ForgeTarget } from "./types.ts";

export function openForge(target: ForgeTarget, options: ClientOptions = {}): Forge {
  const send = forgeClient(target, options);
  return target.kind === "github" ? gitHub(send, target.repository) : gitLab(send, target.repository);
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The forge that this repository is on: what CI says, else what the URL of `origin` says.
 *
 * @param remoteUrl of `origin`; null when there is none
 * @returns null for a host that is neither github.com nor gitlab.com, outside of a forge's own CI
 */
export function findForge(env: Environment, remoteUrl: string | null): ForgeTarget | null {
  const gitHubToken = env["GITHUB_TOKEN"] || env["GH_TOKEN"] || null;
  const gitLabToken = env["GITLAB_TOKEN"] || null;
  if (env["GITLAB_CI"] === "true" && env["CI_API_V4_URL"] && env["CI_PROJECT_ID"])
    return {
      kind: "gitlab",
      apiUrl: env["CI_API_V4_URL"],
      repository: env["CI_PROJECT_ID"],
      token: gitLabToken,
    };
  const apiUrl = env["GITHUB_API_URL"] || "https://api.github.com";
  if (env["GITHUB_ACTIONS"] === "true" && isPath(env["GITHUB_REPOSITORY"]))
    return { kind: "github", apiUrl, repository: env["GITHUB_REPOSITORY"], token: gitHubToken };
  const [, host, path] =
    /^(?:https?:\/\/(?:[^@/]+@)?|(?:ssh:\/\/)?git@)([^/:]+)[/:](.+?)(?:\.git)?\/?$/.exec(remoteUrl ?? "") ??
    [];
  if (host === "github.com" && isPath(path))
    return { kind: "github", apiUrl, repository: path, token: gitHubToken };
  if (host === "gitlab.com" && path !== undefined)
    return { kind: "gitlab", apiUrl: "https://gitlab.com/api/v4", repository: path, token: gitLabToken };
  return null;
}

function isPath(text: string | undefined): text is string {
  return text !== undefined && /^[\w.-]+\/[\w.-]+$/.test(text);
}
