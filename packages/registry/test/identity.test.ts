import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exchangeIdentity, identityOf, registryAudience, registryClient } from "@slipway/registry";
import { createFaultRegistry, type FaultRegistry } from "@slipway/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publishRequest } from "./tarballs.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe("the identity of a job", () => {
  test.each([
    [{}, "this is no job of GitHub Actions, GitLab CI or CircleCI"],
    [{ GITHUB_ACTIONS: "true" }, "the workflow lacks the permission id-token: write"],
    [{ GITLAB_CI: "true" }, "NPM_ID_TOKEN is not set in this gitlab job"],
    [{ CIRCLECI: "true" }, "NPM_ID_TOKEN is not set in this circleci job"],
  ])("with %j there is none, and why is said", async (env, because) => {
    expect(await identityOf("npm:registry.test", env)).toEqual({ kind: "none", because });
  });

  test.each([
    ["github", { GITHUB_ACTIONS: "true" }],
    ["gitlab", { GITLAB_CI: "true" }],
    ["circleci", { CIRCLECI: "true" }],
  ])("NPM_ID_TOKEN is taken as it is in %s", async (from, env) => {
    const identity = await identityOf("npm:registry.test", { ...env, NPM_ID_TOKEN: "jwt" });
    expect(identity).toEqual({ kind: "token", token: "jwt", from });
  });

  test("NPM_ID_TOKEN outside of a CI is no identity", async () => {
    expect(await identityOf("npm:registry.test", { NPM_ID_TOKEN: "jwt" })).toMatchObject({
      kind: "none",
    });
  });

  describe("from GitHub", () => {
    const asked: string[] = [];
    let status = 200;
    let github: Server;
    beforeEach(async () => {
      asked.length = 0;
      status = 200;
      github = createServer((request, response) => {
        asked.push(`${request.url} ${request.headers.authorization}`);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(status === 200 ? { value: "jwt" } : { message: "no" }));
      });
      await new Promise<void>((ready) => github.listen(0, "127.0.0.1", ready));
      closing.push(() => new Promise((closed) => (github.closeAllConnections(), github.close(closed))));
    });
    const env = () => {
      const url = `http://127.0.0.1:${(github.address() as AddressInfo).port}/token?api-version=2`;
      return {
        GITHUB_ACTIONS: "true",
        ACTIONS_ID_TOKEN_REQUEST_URL: url,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request",
      };
    };

    test("is asked for with the registry as its audience", async () => {
      expect(await identityOf(registryAudience("https://registry.test/npm/"), env())).toEqual({
        kind: "token",
        token: "jwt",
        from: "github",
      });
      expect(asked).toEqual(["/token?api-version=2&audience=npm%3Aregistry.test Bearer request"]);
    });

    test("that is refused is said", async () => {
      status = 403;
      expect(await identityOf("npm:registry.test", env())).toEqual({
        kind: "none",
        because: "GitHub gave no identity token: 403 no",
      });
    });
  });
});

describe("the exchange", () => {
  let registry: FaultRegistry;
  let url = "";
  beforeEach(async () => {
    registry = createFaultRegistry({ tokens: { promoter: { user: "promoter" } } });
    const listening = await registry.listen();
    url = listening.url;
    closing.push(() => listening.close());
    for (const name of ["@acme/kit", "other"]) {
      registry.plant({ name, version: "1.0.0", tarball: publishRequest(name, "1.0.0").bytes });
    }
    registry.trust("@acme/kit", "jwt");
  });

  test("is refused for a package without trust and for one that is not there yet, each with the registry's words", async () => {
    const ask = (name: string) => exchangeIdentity({ url, auth: null }, { name, identity: "jwt" });
    expect(await ask("other")).toMatchObject({
      outcome: "refused",
      status: 401,
      message: expect.stringContaining("no trusted publisher") as string,
    });
    expect(await ask("new")).toMatchObject({ outcome: "refused", status: 404 });
  });

  test("that finds no registry, or one that is ill, is not a refusal", async () => {
    const ask = () => exchangeIdentity({ url, auth: null }, { name: "@acme/kit", identity: "jwt" });
    for (const fault of [503, 429, "reset", "page", "redirect"] as const) {
      registry.failNext("POST /-/npm/v1/oidc/token/exchange/package/:name", fault);
      expect(await ask()).toMatchObject({ outcome: "unreachable" });
    }
    expect(await ask()).toMatchObject({ outcome: "granted" });
  });

  test("gives what uploads this package; another credential moves its tags", async () => {
    const exchanged = await exchangeIdentity({ url, auth: null }, { name: "@acme/kit", identity: "jwt" });
    const token = exchanged.outcome === "granted" ? exchanged.token : "";
    const client = registryClient(
      { url, auth: null },
      { uploadAuth: async (name) => (name === "@acme/kit" ? { kind: "bearer", token } : null) },
    );
    expect(await client.upload(publishRequest("@acme/kit", "1.1.0", { tag: "batch" }))).toEqual({
      outcome: "accepted",
    });
    expect(await client.setTag("@acme/kit", "latest", "1.1.0")).toMatchObject({
      outcome: "permanent",
      cause: "auth",
    });
    expect(await client.upload(publishRequest("other", "1.1.0"))).toMatchObject({
      outcome: "permanent",
      cause: "auth",
    });
    const promoter = registryClient({ url, auth: { kind: "bearer", token: "promoter" } });
    expect(await promoter.setTag("@acme/kit", "latest", "1.1.0")).toEqual({ outcome: "accepted" });
  });
});
