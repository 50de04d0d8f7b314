import { integrityOf } from "@slipway/kernel";
import { publishDocument, registryClient, type RegistryClient } from "@slipway/registry";
import { beforeAll, expect, test } from "vitest";
import { publishRequest } from "./tarballs.ts";

/** Where the registries that are tested differ, by name of the difference. */
export interface Differences {
  /** The status of a second upload of a version. */
  readonly takenStatus: number;
}

/** What Slipway relies on. The same sentences hold for the fault registry and for Verdaccio. */
export function describeRegistry(start: () => Promise<string>, differences: Differences): void {
  let url = "";
  let client: RegistryClient;
  let count = 0;
  const freshName = () => `@contract/package-${++count}`;
  beforeAll(async () => {
    url = await start();
    client = registryClient({ url, auth: null });
  });

  test("a package that nobody published is not there", async () => {
    expect(await client.view("@contract/nobody")).toBeNull();
    expect(await client.download("@contract/nobody", "1.0.0")).toBeNull();
  });

  test("an upload is seen with its tag, its digest and its metadata, and downloads as the same bytes", async () => {
    const name = freshName();
    const request = publishRequest(name, "1.0.0", {
      tag: "batch",
      metadata: { release: "r1", commit: "c0ffee" },
    });
    expect(await client.upload(request)).toEqual({ outcome: "accepted" });
    const view = await client.view(name);
    expect(view?.distTags["batch"]).toBe("1.0.0");
    expect(view?.versions["1.0.0"]?.integrity).toBe(request.tarball.integrity);
    expect(view?.versions["1.0.0"]?.manifest).toMatchObject({
      slipway: { release: "r1", commit: "c0ffee" },
      main: "index.js",
    });
    expect(integrityOf((await client.download(name, "1.0.0")) ?? new Uint8Array())).toBe(
      request.tarball.integrity,
    );
  });

  test("a package's first version becomes latest whatever its tag, a later one does not", async () => {
    const name = freshName();
    await client.upload(publishRequest(name, "1.0.0", { tag: "batch" }));
    await client.upload(publishRequest(name, "1.1.0", { tag: "batch" }));
    expect((await client.view(name))?.distTags).toEqual({ latest: "1.0.0", batch: "1.1.0" });
  });

  test("a name without a scope works as one with it", async () => {
    const name = `contract-plain-${++count}`;
    expect(await client.upload(publishRequest(name, "0.1.0"))).toEqual({ outcome: "accepted" });
    expect(Object.keys((await client.view(name))?.versions ?? {})).toEqual(["0.1.0"]);
    expect(await client.download(name, "0.1.0")).not.toBeNull();
  });

  test("a version is taken once, whatever the bytes of the second upload", async () => {
    const name = freshName();
    const first = publishRequest(name, "1.0.0");
    await client.upload(first);
    for (const again of [first, publishRequest(name, "1.0.0", { content: "other\n" })]) {
      expect(await client.upload(again)).toMatchObject({ outcome: "conflict" });
      const raw = await put(url + name.replace("/", "%2f"), JSON.stringify(publishDocument(again, url)));
      expect(raw.status).toBe(differences.takenStatus);
    }
    expect((await client.view(name))?.versions["1.0.0"]?.integrity).toBe(first.tarball.integrity);
  });

  test("two who upload one version at once: one is accepted, one is told so", async () => {
    const name = freshName();
    await client.upload(publishRequest(name, "1.0.0"));
    const both = ["a", "b"].map((content) => client.upload(publishRequest(name, "2.0.0", { content })));
    const outcomes = (await Promise.all(both)).map((answer) => answer.outcome);
    expect(outcomes.toSorted()).toEqual(["accepted", "conflict"]);
  });

  test("versions of one package that are uploaded at once are all there", async () => {
    const name = freshName();
    await client.upload(publishRequest(name, "1.0.0"));
    const versions = ["1.0.1", "1.0.2", "1.0.3", "1.0.4"];
    const answers = await Promise.all(
      versions.map((version) => client.upload(publishRequest(name, version))),
    );
    expect(answers).toEqual(versions.map(() => ({ outcome: "accepted" })));
    expect(Object.keys((await client.view(name))?.versions ?? {}).toSorted()).toEqual(["1.0.0", ...versions]);
  });

  test("tags are set, moved and removed; removing one that is not there does no harm", async () => {
    const name = freshName();
    for (const version of ["1.0.0", "1.1.0"]) await client.upload(publishRequest(name, version));
    expect(await client.setTag(name, "next", "1.0.0")).toEqual({ outcome: "accepted" });
    expect(await client.setTag(name, "next", "1.1.0")).toEqual({ outcome: "accepted" });
    expect(await client.setTag(name, "latest", "1.0.0")).toEqual({ outcome: "accepted" });
    expect((await client.view(name))?.distTags).toEqual({ latest: "1.0.0", next: "1.1.0" });
    expect(await client.removeTag(name, "next")).toEqual({ outcome: "accepted" });
    expect(await client.removeTag(name, "next")).toEqual({ outcome: "accepted" });
    expect((await client.view(name))?.distTags).toEqual({ latest: "1.0.0" });
  });

  test("a tag of a version that is not there is refused for good", async () => {
    const name = freshName();
    await client.upload(publishRequest(name, "1.0.0"));
    expect(await client.setTag(name, "next", "9.9.9")).toMatchObject({ outcome: "permanent" });
  });

  test("deprecating one version changes its message and nothing else", async () => {
    const name = freshName();
    for (const version of ["1.0.0", "1.1.0"]) await client.upload(publishRequest(name, version));
    expect(await client.deprecate(name, "1.0.0", "take 1.1.0")).toEqual({ outcome: "accepted" });
    const versions = (await client.view(name))?.versions ?? {};
    expect(versions["1.0.0"]?.manifest["deprecated"]).toBe("take 1.1.0");
    expect(versions["1.1.0"]?.manifest["deprecated"]).toBeUndefined();
    expect((await client.view(name))?.distTags).toEqual({ latest: "1.1.0" });
    expect(await client.download(name, "1.0.0")).not.toBeNull();
  });

  test("deprecating a version that is not there is refused for good", async () => {
    expect(await client.deprecate("@contract/nobody", "1.0.0", "no")).toMatchObject({ outcome: "permanent" });
  });

  test("installers that ask for the short packument get the dist and the tags", async () => {
    const name = freshName();
    const request = publishRequest(name, "1.0.0");
    await client.upload(request);
    const accept = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";
    const response = await fetch(url + name.replace("/", "%2f"), { headers: { accept } });
    const short = (await response.json()) as {
      "dist-tags": unknown;
      versions: Record<string, { dist: { integrity: string } }>;
    };
    expect(short["dist-tags"]).toEqual({ latest: "1.0.0" });
    expect(short.versions["1.0.0"]?.dist.integrity).toBe(request.tarball.integrity);
  });

  test("a single version and the tags have documents of their own", async () => {
    const name = freshName();
    await client.upload(publishRequest(name, "1.0.0"));
    const version = await fetch(`${url}${name}/1.0.0`);
    expect(await version.json()).toMatchObject({ name, version: "1.0.0" });
    expect((await fetch(`${url}${name}/9.9.9`)).status).toBe(404);
    const tags = await fetch(`${url}-/package/${name.replace("/", "%2f")}/dist-tags`);
    expect(await tags.json()).toEqual({ latest: "1.0.0" });
  });

  test("a body that is not JSON is refused and leaves nothing", async () => {
    const name = freshName();
    const response = await put(url + name.replace("/", "%2f"), '{"name":');
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await client.view(name)).toBeNull();
  });
}

function put(url: string, body: string): Promise<Response> {
  return fetch(url, { method: "PUT", headers: { "content-type": "application/json" }, body });
}
