import { createHash, verify, X509Certificate } from "node:crypto";
import { provenanceStatement, registryClient, signProvenance } from "@slipway/registry";
import { createFaultRegistry } from "@slipway/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { identityToken, sigstoreServices, type SigstoreServices } from "./sigstore-services.ts";
import { publishRequest } from "./tarballs.ts";

const github = {
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://github.test",
  GITHUB_REPOSITORY: "acme/kit",
  GITHUB_WORKFLOW_REF: "acme/kit/.github/workflows/release.yml@refs/heads/main",
  GITHUB_REF: "refs/heads/main",
  GITHUB_SHA: "c0ffee",
  GITHUB_RUN_ID: "7",
  GITHUB_RUN_ATTEMPT: "2",
  RUNNER_ENVIRONMENT: "github-hosted",
};
const request = publishRequest("@acme/kit", "1.0.0");
const subject = request.tarball;

let services: SigstoreServices;
beforeAll(async () => {
  services = await sigstoreServices();
});
afterAll(() => services.close());
beforeEach(() => {
  services.asked.length = 0;
  services.conflicts = 0;
});

const sign = (statement: Readonly<Record<string, unknown>>) =>
  signProvenance(statement, {
    identity: () => Promise.resolve(identityToken()),
    fulcioUrl: services.url,
    rekorUrl: services.url,
  });

test("a statement of GitHub names the tarball, the commit, the workflow and the run", () => {
  const statement = provenanceStatement(subject, github);
  expect(statement).toMatchObject({
    subject: [
      {
        name: "pkg:npm/%40acme/kit@1.0.0",
        digest: { sha512: createHash("sha512").update(request.bytes).digest("hex") },
      },
    ],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        externalParameters: {
          workflow: {
            ref: "refs/heads/main",
            repository: "https://github.test/acme/kit",
            path: ".github/workflows/release.yml",
          },
        },
        resolvedDependencies: [
          { uri: "git+https://github.test/acme/kit@refs/heads/main", digest: { gitCommit: "c0ffee" } },
        ],
      },
      runDetails: { metadata: { invocationId: "https://github.test/acme/kit/actions/runs/7/attempts/2" } },
    },
  });
});

test("a statement of GitLab holds no token and no password of the job", () => {
  const env = {
    GITLAB_CI: "true",
    CI_PROJECT_URL: "https://gitlab.test/acme/kit",
    CI_COMMIT_SHA: "c0ffee",
    CI_JOB_TOKEN: "secret-1",
    CI_REGISTRY_PASSWORD: "secret-2",
  };
  const text = JSON.stringify(provenanceStatement(subject, env));
  expect(text).toContain('"sha1":"c0ffee"');
  expect(text).not.toContain("secret");
});

test("elsewhere there is no statement", () => {
  expect(provenanceStatement(subject, { CIRCLECI: "true" })).toBeNull();
});

test("the bundle is signed by the certificate in it, and is served with the version it was sent with", async () => {
  const bundle = await sign(provenanceStatement(subject, github) ?? {});
  const { dsseEnvelope, verificationMaterial } = JSON.parse(bundle) as {
    dsseEnvelope: { payload: string; payloadType: string; signatures: [{ sig: string }] };
    verificationMaterial: { certificate: { rawBytes: string }; tlogEntries: unknown[] };
  };
  const payload = Buffer.from(dsseEnvelope.payload, "base64");
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${dsseEnvelope.payloadType.length} ${dsseEnvelope.payloadType} ${payload.length} `),
    payload,
  ]);
  const certificate = new X509Certificate(Buffer.from(verificationMaterial.certificate.rawBytes, "base64"));
  const signature = Buffer.from(dsseEnvelope.signatures[0].sig, "base64");
  expect(verify("sha256", signed, certificate.publicKey, signature)).toBe(true);
  expect(certificate.subjectAltName).toContain("https://github.test/acme/kit");
  expect(verificationMaterial.tlogEntries).toHaveLength(1);

  const registry = createFaultRegistry();
  const listening = await registry.listen();
  const client = registryClient({ url: listening.url, auth: null });
  expect(await client.upload({ ...request, provenance: bundle })).toEqual({ outcome: "accepted" });
  const served = await fetch(`${listening.url}-/npm/v1/attestations/@acme%2fkit@1.0.0`);
  expect(await served.json()).toMatchObject({ attestations: [{ bundle: JSON.parse(bundle) as unknown }] });
  await listening.close();
});

test("when the log has the entry already, it is signed again with another key", async () => {
  services.conflicts = 1;
  await sign(provenanceStatement(subject, github) ?? {});
  expect(services.asked.filter((path) => path.includes("/log/"))).toHaveLength(2);
  expect(services.asked.filter((path) => !path.includes("/log/"))).toHaveLength(2);
});

test("a log that goes on refusing is said", async () => {
  services.conflicts = 99;
  await expect(sign(provenanceStatement(subject, github) ?? {})).rejects.toMatchObject({
    code: "registry/provenance-failed",
  });
});
