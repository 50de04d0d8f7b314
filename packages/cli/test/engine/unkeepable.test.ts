import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { manifest, Rig, task } from "./rig.ts";

let repo: Rig;
afterEach(() => repo.dispose());

function building(script: string): void {
  repo = new Rig({ ".gitignore": "dist\n", "packages/a/package.json": manifest("a", { build: script }) });
}

const plan = [task("a#build")];

describe("a result is not stored, and the task succeeds, when one of its outputs is", () => {
  const cases = {
    "a pipe": "mkfifo dist/odd",
    "a name that is no UTF-8":
      "node -e \"fs.writeFileSync(Buffer.concat([Buffer.from('dist/'),Buffer.from([255])]),'x')\"",
    "a folder of such a name":
      "node -e \"const at=Buffer.concat([Buffer.from('dist/'),Buffer.from([255])]);fs.mkdirSync(at);fs.writeFileSync(Buffer.concat([at,Buffer.from('/x')]),'')\"",
  };
  test.for(Object.entries(cases))("%s", async ([, script]) => {
    building(`mkdir -p dist && echo x > dist/f && ${script}`);
    const first = await repo.run(plan);
    expect([first.notices, first.ends]).toEqual([["outputs/unkeepable"], ["a#build miss"]]);
    repo.remove("packages/a/dist");
    const second = await repo.run(plan);
    expect(second.end("a#build")).toMatchObject({ cache: "miss", reason: "its last result was not stored" });
  });
});

describe("what stands in the way of a stored output and is not the task's stays, and the task runs:", () => {
  test("a folder with files in it where an output was a file", async () => {
    building("mkdir -p dist; echo x > dist/f; true");
    await repo.run(plan);
    repo.remove("packages/a/dist/f");
    repo.write({ "packages/a/dist/f/mine/notes.txt": "mine" });
    const ran = await repo.run(plan);
    expect(ran.notices[0]).toBe("cache/not-restored");
    expect(ran.end("a#build")).toMatchObject({
      cache: "miss",
      reason: "its stored result could not be put back",
    });
    expect(repo.read("packages/a/dist/f/mine/notes.txt")).toBe("mine");
  });

  test("a file where outputs have a folder", async () => {
    building("mkdir -p dist && echo x > dist/f");
    await repo.run(plan);
    repo.remove("packages/a/dist");
    repo.write({ "packages/a/dist": "mine" });
    const ran = await repo.run(plan);
    expect(ran.notices).toContain("cache/not-restored");
    expect(ran.end("a#build").status).toBe("failed");
    expect(repo.read("packages/a/dist")).toBe("mine");
  });

  test("but empty folders give way", async () => {
    building("mkdir -p dist && echo x > dist/f");
    await repo.run(plan);
    rmSync(join(repo.root, "packages/a/dist"), { recursive: true });
    mkdirSync(join(repo.root, "packages/a/dist/f/e1/e2"), { recursive: true });
    const ran = await repo.run(plan);
    expect([ran.notices, ran.ends, repo.read("packages/a/dist/f")]).toEqual([[], ["a#build hit"], "x\n"]);
  });
});
