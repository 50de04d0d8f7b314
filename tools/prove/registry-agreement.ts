/**
 * The fault registry and Verdaccio agree: random sequences of requests get answers of one kind from both, and leave the
 * same packages, tags, digests and messages behind.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registryClient, startVerdaccio, type RegistryClient } from "../../packages/registry/src/index.ts";
import { publishRequest } from "../../packages/registry/test/tarballs.ts";
import { createFaultRegistry } from "../../packages/testkit/src/index.ts";

const stepsPerSequence = 12;
const sequencesAtOnce = 8;

type Step =
  | { readonly kind: "upload"; readonly version: string; readonly tag: string; readonly content: string }
  | { readonly kind: "setTag"; readonly tag: string; readonly version: string }
  | { readonly kind: "removeTag"; readonly tag: string }
  | { readonly kind: "deprecate"; readonly version: string; readonly message: string }
  | { readonly kind: "download"; readonly version: string };

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const count = options.full ? 2_000 : 24;
  const storage = mkdtempSync(join(tmpdir(), "slipway-agreement-"));
  const [verdaccio, listening] = await Promise.all([
    startVerdaccio({ storage, uplink: null }),
    createFaultRegistry().listen(),
  ]);
  try {
    const clients = [verdaccio.url, listening.url].map((url) => registryClient({ url, auth: null }));
    let steps = 0;
    let disagreeing = 0;
    const waiting = Array.from({ length: count }, (_, index) => index);
    const work = async () => {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        const sequence = sequenceOf(options.seed + index);
        const name = index % 2 === 0 ? `@agree/p${index}` : `agree-p${index}`;
        const [theirs, ours] = await Promise.all(clients.map((client) => carriedOut(client, name, sequence)));
        steps += sequence.length;
        if (theirs === ours) continue;
        disagreeing++;
        options.log(
          `seed ${options.seed + index}: ${JSON.stringify(sequence)}\n  Verdaccio ${theirs}\n  here ${ours}`,
        );
      }
    };
    await Promise.all(Array.from({ length: sequencesAtOnce }, work));
    return {
      name: "registry-agreement",
      summary: `${count} random sequences of requests to Verdaccio and to the fault registry: ${disagreeing} end differently`,
      figures: { sequences: count, requests: steps, disagreeing },
      failed: disagreeing,
    };
  } finally {
    await Promise.all([verdaccio.close(), listening.close()]);
    rmSync(storage, { recursive: true, force: true });
  }
}

/** What is compared: the kind of every answer and the state in the end, as text. */
async function carriedOut(client: RegistryClient, name: string, sequence: readonly Step[]): Promise<string> {
  const answers: string[] = [];
  for (const step of sequence) answers.push(await answerTo(client, name, step));
  const view = await client.view(name);
  const versions = Object.entries(view?.versions ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const byVersion = versions.map(([version, { integrity, manifest }]) => [
    version,
    integrity,
    manifest["deprecated"] ?? null,
  ]);
  const tags = Object.entries(view?.distTags ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ answers, there: view !== null, byVersion, tags });
}

async function answerTo(client: RegistryClient, name: string, step: Step): Promise<string> {
  switch (step.kind) {
    case "upload":
      return (await client.upload(publishRequest(name, step.version, step))).outcome;
    case "setTag":
      return (await client.setTag(name, step.tag, step.version)).outcome;
    case "removeTag":
      return (await client.removeTag(name, step.tag)).outcome;
    case "deprecate":
      return (await client.deprecate(name, step.version, step.message)).outcome;
    case "download": {
      const bytes = await client.download(name, step.version);
      return bytes === null ? "none" : String(bytes.length);
    }
  }
}

function sequenceOf(seed: number): readonly Step[] {
  const random = generator(seed);
  const pick = <T>(...items: readonly [T, ...T[]]): T =>
    items[Math.floor(random() * items.length)] ?? items[0];
  const version = () => pick("1.0.0", "1.0.1", "1.1.0", "2.0.0-rc.1", "2.0.0");
  const step = (): Step => {
    switch (pick("upload", "upload", "upload", "setTag", "setTag", "removeTag", "deprecate", "download")) {
      case "setTag":
        return { kind: "setTag", tag: pick("next", "batch", "latest"), version: version() };
      case "removeTag":
        return { kind: "removeTag", tag: pick("next", "batch") };
      case "deprecate":
        return { kind: "deprecate", version: version(), message: pick("too old", "broken") };
      case "download":
        return { kind: "download", version: version() };
      case "upload":
        return {
          kind: "upload",
          version: version(),
          tag: pick("latest", "next", "batch"),
          content: pick("a", "b", "bb"),
        };
    }
  };
  return Array.from({ length: stepsPerSequence }, step);
}

/** A linear congruential generator (Numerical Recipes): the same steps for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
