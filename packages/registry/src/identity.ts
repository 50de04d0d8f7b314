import type { PackageName } from "@slipway/kernel";
import { messageOf } from "./answer.ts";
import { escaped, parsedRecord } from "./connection.ts";
import { HttpFailure, networkTransport, type HttpResponse, type Transport } from "./http.ts";
import type { RegistryTarget } from "./npm-settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a CI says of the job that runs: a signed token, or why there is none. Held in memory alone. */
export type Identity =
  | { readonly kind: "token"; readonly token: string; readonly from: IdentityProvider }
  | { readonly kind: "none"; readonly because: string; readonly passing?: true };

export type Exchange =
  | { readonly outcome: "granted"; readonly token: string }
  /** The registry knows no such package, or trusts no such job to publish it. */
  | { readonly outcome: "refused"; readonly status: number; readonly message: string }
  | { readonly outcome: "unreachable"; readonly message: string };

const timeouts = { idleTimeoutMs: 30_000, totalTimeoutMs: 60_000 };

/** Whom an identity is shown to: npm's registries, each by its host, or Sigstore's certificate authority. */
export type Audience = `npm:${string}` | "sigstore";

/** A job's identity must be of no use with another registry. */
export function registryAudience(registryUrl: string): Audience {
  return `npm:${new URL(registryUrl).hostname}`;
}

/**
 * The identity of this CI job. `NPM_ID_TOKEN` and `SIGSTORE_ID_TOKEN` are taken as they are; GitHub gives one on
 * request, when the workflow has the permission `id-token: write`.
 */
export async function identityOf(
  audience: Audience,
  env: Environment,
  transport?: Transport,
): Promise<Identity> {
  const from = providerOf(env);
  if (!from) return { kind: "none", because: "this is no job of GitHub Actions, GitLab CI or CircleCI" };
  const variable = variableOf(audience);
  const given = env[variable];
  if (given) return { kind: "token", token: given, from };
  const [url, secret] = [env["ACTIONS_ID_TOKEN_REQUEST_URL"], env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]];
  if (from !== "github" || !url || !secret)
    return { kind: "none", because: missingIdentity(audience, env) ?? "there is no identity token" };
  const asked = new URL(url);
  asked.searchParams.set("audience", audience);
  const headers = { accept: "application/json", authorization: `Bearer ${secret}` };
  const send = transport ?? networkTransport({});
  try {
    const response = await send({ method: "GET", url: asked.href, headers, ...timeouts });
    const value = parsedRecord(response)?.["value"];
    if (response.status === 200 && typeof value === "string") return { kind: "token", token: value, from };
    const because = `GitHub gave no identity token: ${messageOf(response)}`;
    return response.status >= 500 ? { kind: "none", because, passing: true } : { kind: "none", because };
  } catch (error) {
    if (error instanceof HttpFailure)
      return { kind: "none", because: `GitHub does not answer: ${error.message}`, passing: true };
    throw error;
  }
}

export type IdentityProvider = "github" | "gitlab" | "circleci";

/**
 * Who would say who this job is, from the environment alone; null when nobody would. Asks for nothing.
 */
export function offeredIdentity(audience: Audience, env: Environment): IdentityProvider | null {
  const from = providerOf(env);
  if (from && env[variableOf(audience)]) return from;
  const onRequest = env["ACTIONS_ID_TOKEN_REQUEST_URL"] && env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
  return from === "github" && onRequest ? from : null;
}

/** What a CI job would need to say who it is; null when it has it, and outside of CI. */
export function missingIdentity(audience: Audience, env: Environment): string | null {
  const from = providerOf(env);
  if (!from || offeredIdentity(audience, env)) return null;
  if (from === "github") return "the workflow lacks the permission id-token: write";
  return `${variableOf(audience)} is not set in this ${from} job`;
}

function providerOf(env: Environment): IdentityProvider | null {
  if (env["GITHUB_ACTIONS"]) return "github";
  if (env["GITLAB_CI"]) return "gitlab";
  return env["CIRCLECI"] ? "circleci" : null;
}

function variableOf(audience: Audience): string {
  return audience === "sigstore" ? "SIGSTORE_ID_TOKEN" : "NPM_ID_TOKEN";
}

/** Trusted publishing: an identity for a short-lived token that can upload and stage this one package, nothing else. */
export async function exchangeIdentity(
  target: RegistryTarget,
  asked: { readonly name: PackageName; readonly identity: string },
  transport: Transport = networkTransport(target),
): Promise<Exchange> {
  const base = target.url.endsWith("/") ? target.url : `${target.url}/`;
  const url = `${base}-/npm/v1/oidc/token/exchange/package/${escaped(asked.name)}`;
  const headers = { accept: "application/json", authorization: `Bearer ${asked.identity}` };
  let response: HttpResponse;
  try {
    response = await transport({ method: "POST", url, headers, body: "", ...timeouts });
  } catch (error) {
    if (error instanceof HttpFailure) return { outcome: "unreachable", message: error.message };
    throw error;
  }
  const token = parsedRecord(response)?.["token"];
  if (response.status < 300 && typeof token === "string") return { outcome: "granted", token };
  const message = messageOf(response);
  const passing = response.status >= 500 || response.status === 429 || response.status < 400;
  return passing
    ? { outcome: "unreachable", message }
    : { outcome: "refused", status: response.status, message };
}
