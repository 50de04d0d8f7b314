import { Ajv2020 } from "ajv/dist/2020.js";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealedRelease, type SealedRelease } from "./sealed-release.ts";

let sealed: SealedRelease;
beforeAll(async () => {
  sealed = await sealedRelease(2);
});
afterAll(() => sealed.end());

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const schema = join(import.meta.dirname, "../../../../docs/schema/release-event.json");
const isEvent = ajv.compile(JSON.parse(readFileSync(schema, "utf8")) as object);

function events(printed: string): { readonly type: string }[] {
  const lines = printed.split("\n").filter((line) => line.startsWith('{"type"'));
  return lines.map((line) => JSON.parse(line) as { type: string });
}

test("every line of --json is what its schema says, whether the release ends, is refused, never begins or meets a disk that takes nothing", async () => {
  const trial = await sealed.start({ tokens: { proof: { user: "p" } } });
  const endings: string[] = [];
  const printed: string[] = [];
  const note = ({ finished, printed: text }: Awaited<ReturnType<typeof trial.release>>): void => {
    endings.push(`${String(finished["state"])} ${String(finished["exit"])}`);
    printed.push(text);
  };
  note(await trial.release({ plan: true }));
  trial.credentials("");
  note(await trial.release());
  trial.credentials("_authToken=proof");
  trial.registry.failFor("@prove/p1", "PUT /:name", { reply: 403, body: "{}" });
  note(await trial.release());
  trial.registry.heal();
  note(await trial.resume());
  rmSync(join(trial.clone, ".git/slipway"), { recursive: true });
  // A place that takes no folder, from nobody.
  symlinkSync("/sys/kernel", join(trial.clone, ".git/slipway"));
  note(await trial.release());
  expect(endings).toEqual(["not-approved 0", "failed 2", "unfinished 1", "finished 0", "failed 3"]);
  const all = printed.flatMap(events);
  expect(all.length).toBeGreaterThan(8);
  expect(all.filter((event) => !isEvent(event))).toEqual([]);
});
