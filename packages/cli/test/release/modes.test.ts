import { execFileSync } from "node:child_process";
import { integrityOf } from "@slipway/kernel";
import { gzip, stagingClient, writeTar } from "@slipway/registry";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  identityToken,
  sigstoreServices,
  type SigstoreServices,
} from "../../../registry/test/sigstore-services.ts";
import { sealedRelease, withSources, type SealedRelease, type Trial } from "./sealed-release.ts";

let sealed: SealedRelease;
beforeAll(async () => {
  sealed = await sealedRelease(3);
});
afterAll(() => sealed.end());

const identity = { GITHUB_ACTIONS: "true", NPM_ID_TOKEN: "job" };
const names = ["@prove/p0", "@prove/p1", "@prove/p2"];
/** A token that may do all but approve, and one of a person with a second factor. */
const tokens = {
  ci: { user: "ci", powers: ["publish", "stage", "tag", "read"] },
  person: { user: "person", otp: "424242" },
} as const;

/** The first package is new in the batch; trusted publishing takes only those that are there. */
function withoutNew(trial: Trial): void {
  trial.registry.plant({ name: "@prove/p0", version: "1.0.0", tarball: Buffer.from("old") });
}

function distTags(trial: Trial): unknown[] {
  return Object.values(trial.registry.snapshot()).map((each) => each.distTags);
}

function refsOnOrigin({ clone }: Trial): string {
  return execFileSync("git", ["ls-remote", "origin"], { cwd: clone, encoding: "utf8" });
}

function tagsOnOrigin(trial: Trial): number {
  return refsOnOrigin(trial)
    .split("\n")
    .filter((line) => /refs\/tags\/.*\^\{\}$/.test(line)).length;
}

describe("mode tag", () => {
  test("uploads by the job's identity and promotes by the token", async () => {
    const trial = await sealed.start({ tokens: { promoter: { user: "p", powers: ["tag", "read"] } } });
    withoutNew(trial);
    for (const name of names) trial.registry.trust(name, "job");
    trial.credentials("_authToken=${PROMOTER}");
    const { exit, printed } = await trial.release({}, { ...identity, PROMOTER: "promoter" });
    expect(exit, printed).toBe(0);
    expect(distTags(trial).slice(1)).toEqual([{ latest: "1.1.0" }, { latest: "1.1.0" }]);
    expect(trial.registry.counts()["POST /-/npm/v1/oidc/token/exchange/package/:name"]).toBe(3);
    expect(tagsOnOrigin(trial)).toBe(4);
  });

  test("changes nothing more once another process has the lock, and goes on when it is free", async () => {
    const trial = await sealed.start();
    const lock = join(trial.clone, ".git/slipway/release-lock");
    const next = join(lock, "9999.json");
    const writes = (): number => trial.registry.seen.filter(({ method }) => method !== "GET").length;
    let before = 0;
    const { exit, printed } = await trial.release({}, {}, (line) => {
      if (!line.includes(`"type":"confirmed"`) || existsSync(next)) return;
      writeFileSync(next, JSON.stringify({ pid: 0, boot: "", host: hostname(), since: "", released: false }));
      before = writes();
    });
    expect([exit, printed]).toEqual([3, expect.stringContaining("somebody else may release: it stops here")]);
    expect(writes()).toBe(before);
    expect((await trial.release()).exit).toBe(0);
  });

  test("moves the dist-tag that is asked for where the sealed folder goes out", async () => {
    const trial = await sealed.start();
    const { exit, printed } = await trial.release({ channel: "next" });
    expect(exit, printed).toBe(0);
    const there = trial.registry.snapshot();
    // A registry makes a package's first version `latest`, whatever it is uploaded under.
    expect(names.map((name) => there[name]?.distTags)).toEqual([
      { latest: "1.1.0", next: "1.1.0" },
      { latest: "1.0.0", next: "1.1.0" },
      { latest: "1.0.0", next: "1.1.0" },
    ]);
  });

  test("ends before the first byte when a token may upload and not move dist-tags", async () => {
    const trial = await sealed.start({ tokens: { half: { user: "h", powers: ["publish", "read"] } } });
    trial.credentials("_authToken=half");
    const { exit, printed } = await trial.release();
    expect(exit).toBe("release/no-right");
    for (const name of names.slice(1)) expect(printed).toContain(`the dist-tags of ${name} cannot be moved`);
    expect(trial.registry.counts()["PUT /:name"]).toBe(0);
  });

  test("needs more than the job's identity", async () => {
    const trial = await sealed.start({ tokens });
    trial.credentials("");
    expect(await trial.release({ mode: "tag" }, identity)).toMatchObject({ exit: "release/needs-token" });
  });
});

describe("mode direct", () => {
  test("is what an identity alone gets: the final dist-tag at upload, dependencies first", async () => {
    const trial = await sealed.start({ tokens });
    withoutNew(trial);
    for (const name of names) trial.registry.trust(name, "job");
    trial.credentials("");
    const { exit, printed } = await trial.release({}, identity);
    expect(exit, printed).toBe(0);
    expect(printed).toContain('"mode":"direct","modeBecause":"identity-alone"');
    expect(distTags(trial).slice(1)).toEqual([{ latest: "1.1.0" }, { latest: "1.1.0" }]);
    const uploads = trial.registry.seen.filter(({ route }) => route === "PUT /:name");
    expect(uploads.map(({ path }) => decodeURIComponent(path).slice(1))).toEqual(names);
    expect(trial.registry.counts()["PUT /-/package/:name/dist-tags/:tag"]).toBe(0);
    expect(tagsOnOrigin(trial)).toBe(4);
  });

  test("names the packages that are new, which no identity can publish, before anything else is asked", async () => {
    const trial = await sealed.start({ tokens });
    trial.credentials("");
    const { exit, printed } = await trial.release({}, identity);
    expect(exit).toBe("release/needs-token");
    expect(printed).toContain("@prove/p0 is new");
    expect(trial.registry.counts()["POST /-/npm/v1/oidc/token/exchange/package/:name"]).toBe(0);
  });

  test("uploads nothing when one package has no trusted publisher, and goes on when it has", async () => {
    const trial = await sealed.start({ tokens });
    withoutNew(trial);
    for (const name of names.slice(1)) trial.registry.trust(name, "job");
    trial.credentials("");
    const refused = await trial.release({}, identity);
    expect(refused.exit).toBe("release/no-right");
    expect(refused.printed).toContain("@prove/p0 cannot be uploaded by trusted publishing");
    expect(trial.registry.counts()["PUT /:name"]).toBe(0);
    trial.registry.trust("@prove/p0", "job");
    expect(await trial.release({}, identity)).toMatchObject({ exit: 0 });
  });

  test("replaces a token that runs out in the middle of the batch", async () => {
    const trial = await sealed.start({ tokens });
    withoutNew(trial);
    for (const name of names) trial.registry.trust(name, "job");
    trial.credentials("");
    trial.registry.failNext("PUT /:name", { reply: 401, body: '{"error":"token expired"}' });
    expect(await trial.release({}, identity)).toMatchObject({ exit: 0 });
    expect(trial.registry.counts()["POST /-/npm/v1/oidc/token/exchange/package/:name"]).toBe(4);
  });
});

describe("provenance", () => {
  let services: SigstoreServices;
  beforeAll(async () => {
    services = await sigstoreServices();
  });
  afterAll(() => services.close());
  const job = () => ({
    ...identity,
    GITHUB_SERVER_URL: "https://github.test",
    GITHUB_REPOSITORY: "acme/kit",
    GITHUB_WORKFLOW_REF: "acme/kit/.github/workflows/release.yml@refs/heads/main",
    SIGSTORE_ID_TOKEN: identityToken(),
    SIGSTORE_FULCIO_URL: services.url,
    SIGSTORE_REKOR_URL: services.url,
  });
  const publicEvent = (trial: Trial): string => {
    const path = join(trial.clone, "../event.json");
    writeFileSync(path, JSON.stringify({ repository: { visibility: "public" } }));
    return path;
  };

  test("is signed and sent for all that an identity alone uploads from a public repository", async () => {
    const trial = await sealed.start({ tokens });
    withoutNew(trial);
    for (const name of names) trial.registry.trust(name, "job");
    trial.credentials("");
    services.conflicts = 1;
    const { exit, printed } = await trial.release({}, { ...job(), GITHUB_EVENT_PATH: publicEvent(trial) });
    expect(exit, printed).toBe(0);
    const url = sealed.batch.plan.packages[0]?.registry;
    for (const name of names) {
      const served = await fetch(`${url}-/npm/v1/attestations/${name.replace("/", "%2f")}@1.1.0`);
      expect(served.status, name).toBe(200);
    }
    // The log's conflict had one signed again.
    expect(services.asked.filter((path) => path.includes("/log/"))).toHaveLength(names.length + 1);
  });
});

describe("mode stage", () => {
  test("stages all and ends with status 0; after approval elsewhere any machine confirms and tags", async () => {
    const trial = await sealed.start({ tokens });
    trial.credentials("_authToken=${TOKEN}");
    const staged = await trial.release({ mode: "stage" }, { TOKEN: "ci" });
    expect(staged, staged.printed).toMatchObject({ exit: 0, finished: { state: "staged", released: [] } });
    expect(Object.keys(trial.registry.staged()).toSorted()).toEqual(names.map((name) => `${name}@1.1.0`));
    expect(distTags(trial)).toEqual([{ latest: "1.0.0" }, { latest: "1.0.0" }]);
    expect(tagsOnOrigin(trial)).toBe(0);
    expect(await trial.resume({}, { TOKEN: "ci" }), "nobody approved yet").toMatchObject({
      exit: 0,
      finished: { state: "staged" },
    });
    // With a second factor, here: dependencies first.
    const approved = await trial.resume({ otp: "424242" }, { TOKEN: "person" });
    expect(approved, approved.printed).toMatchObject({ exit: 0, finished: { state: "finished" } });
    expect(distTags(trial)).toEqual([{ latest: "1.1.0" }, { latest: "1.1.0" }, { latest: "1.1.0" }]);
    expect(tagsOnOrigin(trial)).toBe(4);
  });

  test("a machine that lost everything knows its own by the notes on origin, and approves the rest", async () => {
    const trial = await sealed.start({ tokens });
    trial.credentials("_authToken=${TOKEN}");
    await trial.release({ mode: "stage" }, { TOKEN: "ci" });
    rmSync(join(trial.clone, ".git/slipway"), { recursive: true });
    withSources(trial, sealed.batch);
    // A person approves one on the registry's site.
    const url = sealed.batch.plan.packages[0]?.registry ?? "";
    const id = trial.registry.staged()["@prove/p0@1.1.0"] ?? "";
    const headers = { authorization: "Bearer person", "npm-otp": "424242" };
    expect((await fetch(`${url}-/stage/${id}/approve`, { method: "POST", headers })).status).toBe(200);
    const ended = await trial.resume({ otp: "424242" }, { TOKEN: "person" });
    expect(ended, ended.printed).toMatchObject({ exit: 0, finished: { state: "finished" } });
    expect(distTags(trial)).toEqual([{ latest: "1.1.0" }, { latest: "1.1.0" }, { latest: "1.1.0" }]);
    expect(tagsOnOrigin(trial)).toBe(4);
    expect(refsOnOrigin(trial)).not.toContain("refs/slipway/staged");
  });

  test("given up, it leaves nothing behind that somebody could approve", async () => {
    const trial = await sealed.start({ tokens });
    trial.credentials("_authToken=${TOKEN}");
    await trial.release({ mode: "stage" }, { TOKEN: "ci" });
    expect(await trial.abort("424242", { TOKEN: "person" })).toMatchObject({ exit: 0 });
    expect(trial.registry.staged()).toEqual({});
  });

  test("a wrong one-time password approves nothing, and says so", async () => {
    const trial = await sealed.start({ tokens });
    trial.credentials("_authToken=${TOKEN}");
    await trial.release({ mode: "stage" }, { TOKEN: "ci" });
    const { exit, printed } = await trial.resume({ otp: "000000" }, { TOKEN: "person" });
    expect(exit).toBe(1);
    expect(printed).toContain("one-time password");
    expect(Object.keys(trial.registry.staged())).toHaveLength(3);
  });

  test("what somebody else staged under a version of the batch stops it, both digests named", async () => {
    const trial = await sealed.start({ tokens });
    trial.credentials("_authToken=ci");
    const [first] = sealed.batch.plan.packages;
    const foreign = gzip(
      writeTar([{ path: "package/index.js", mode: 0o644, bytes: Buffer.from("foreign") }]),
    );
    const about = { name: "@prove/p0", version: "1.1.0" };
    const tarball = {
      ...about,
      integrity: integrityOf(foreign),
      tarSha256: "",
      sizeBytes: foreign.length,
      files: [],
      manifest: about,
    };
    const target = { url: first?.registry ?? "", auth: { kind: "bearer", token: "ci" } } as const;
    const request = { tarball, bytes: foreign, tag: "latest", access: null, metadata: {} };
    expect(await stagingClient(target).stage(request)).toMatchObject({ outcome: "accepted" });
    const { exit, finished } = await trial.release({ mode: "stage" });
    expect(exit).toBe(1);
    expect(finished).toMatchObject({
      state: "conflict",
      conflicts: [
        { name: "@prove/p0", sealed: first?.integrity, served: expect.stringContaining("sha512-") as string },
      ],
    });
  });

  test.each([503, "half"] as const)("a reply that is lost as %s ends in one run", async (reply) => {
    const trial = await sealed.start({ tokens });
    trial.credentials("_authToken=${TOKEN}");
    trial.registry.failNext("POST /-/stage/package/:name", { reply, committed: true });
    expect(await trial.release({ mode: "stage" }, { TOKEN: "ci" })).toMatchObject({
      finished: { state: "staged" },
    });
    trial.registry.failNext("POST /-/stage/:id/approve", { reply, committed: true });
    expect(await trial.resume({ otp: "424242" }, { TOKEN: "person" })).toMatchObject({
      finished: { state: "finished" },
    });
    expect(distTags(trial)).toEqual([{ latest: "1.1.0" }, { latest: "1.1.0" }, { latest: "1.1.0" }]);
  });
});
