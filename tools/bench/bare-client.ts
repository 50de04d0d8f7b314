/**
 * The floor under a release: a client that sends its requests, and nothing else. No plan, no journal, no order, no
 * retries. `node bare-client.ts puts|transaction URL SEALED_FOLDER AT_ONCE [CLONE]`; in a clone it sends what a release
 * sends to `origin` as well.
 */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";

interface Sealed {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly manifest: Record<string, unknown>;
  readonly path: string;
}

const [mode = "puts", url = "", folder = "", atOnce = "8", clone] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(atOnce) });
const { tarballs } = JSON.parse(await readFile(join(folder, "sealed.json"), "utf8")) as {
  tarballs: readonly Sealed[];
};

if (mode === "puts") await forAll((each) => put(each, "latest"));
else {
  const lock = "refs/slipway/release-lock";
  git(["ls-remote", "origin", lock]);
  git(["push", "--quiet", "origin", `HEAD:${lock}`]);
  await forAll((each) => send("DELETE", tagPath(each, "slipway-proof")));
  await forAll((each) => send("GET", escaped(each)));
  await forAll((each) => put(each, "slipway-bare"));
  await forAll(async (each) => {
    await send("GET", escaped(each));
    await send("GET", `${each.name}/-/${each.name.replace(/^.*\//, "")}-${each.version}.tgz`);
  });
  await forAll((each) => send("PUT", tagPath(each, "latest"), JSON.stringify(each.version)));
  pushTags(tarballs.map(({ name, version }) => `${name}@${version}`));
  pushTags(["release-bare"]);
  git(["ls-remote", "--tags", "origin"]);
  await forAll(async (each) => {
    await send("DELETE", tagPath(each, "slipway-bare"));
    await send("GET", escaped(each));
  });
  git(["push", "--quiet", "origin", `:${lock}`]);
}
agent.destroy();

function pushTags(names: readonly string[]): void {
  const head = clone === undefined ? "" : git(["rev-parse", "HEAD"]).trim();
  git(["ls-remote", "--tags", "origin"]);
  const tags = names.map((name) => `tag ${name}\nfrom ${head}\ntagger a <a@b.c> now\ndata 0\n`).join("");
  git(["fast-import", "--quiet", "--date-format=now"], tags);
  git(["push", "--quiet", "--atomic", "origin", ...names.map((name) => `refs/tags/${name}`)]);
}

/** Nothing without a clone. */
function git(args: readonly string[], input = ""): string {
  return clone === undefined ? "" : execFileSync("git", args, { cwd: clone, encoding: "utf8", input });
}

async function forAll(work: (each: Sealed) => Promise<void>): Promise<void> {
  const queue = [...tarballs];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, worker));
}

async function put({ name, version, integrity, manifest, path }: Sealed, tag: string): Promise<void> {
  const bytes = await readFile(join(folder, path));
  const fileName = `${name}-${version}.tgz`;
  const document = {
    _id: name,
    name,
    "dist-tags": { [tag]: version },
    versions: {
      [version]: {
        ...manifest,
        _id: `${name}@${version}`,
        dist: { integrity, tarball: new URL(`${name}/-/${fileName}`, url).href },
      },
    },
    _attachments: {
      [fileName]: {
        content_type: "application/octet-stream",
        data: bytes.toString("base64"),
        length: bytes.length,
      },
    },
  };
  await send("PUT", escaped({ name }), JSON.stringify(document));
}

/** The registry may also say that it is not there: nobody has that tag, and a first version no document. */
async function send(method: string, path: string, body: string | null = null): Promise<void> {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = {
      authorization: "Bearer trial",
      ...(body === null
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    };
    const sent = request(new URL(path, url), { method, agent, headers }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode));
      response.once("error", reject);
    });
    sent.once("error", reject);
    sent.end(body ?? undefined);
  });
  const isExpected = status === 200 || status === 201 || (status === 404 && method !== "PUT");
  if (!isExpected) throw new Error(`${method} ${path} was answered with ${status}`);
}

function escaped({ name }: Pick<Sealed, "name">): string {
  return name.replace("/", "%2f");
}

function tagPath(each: Sealed, tag: string): string {
  return `-/package/${escaped(each)}/dist-tags/${tag}`;
}
