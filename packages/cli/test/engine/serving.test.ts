import { once } from "node:events";
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunEvent } from "@slipway/run";
import { afterEach, expect, test } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";
import { manifest, Rig, task, type Ran } from "./rig.ts";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

function rig(files: Readonly<Record<string, string>>): Rig {
  const made = new Rig(files);
  undo.push(() => made.dispose());
  return made;
}

function api(dev: string): Rig {
  return rig({
    "packages/api/package.json": manifest("api", { dev }),
    "packages/web/package.json": manifest("web", { e2e: "echo tested" }),
  });
}

const ready = { logMatches: ["listening on"], timeoutMs: 30_000 };
const serve = task("api#dev", { persistent: true, cache: false, readyWhen: ready });
const e2e = task("web#e2e", { needs: ["api#dev"] });

function steps({ events }: Ran): string[] {
  return events.flatMap((event) => {
    if (event.type === "start" || event.type === "ready") return [`${event.id} ${event.type}`];
    if (event.type === "task") return [`${event.id} ${event.status}: ${event.reason ?? ""}`];
    return [];
  });
}

test("what needs a server waits until it is ready, and the server ends with the last that needs it", async () => {
  const repo = api("printf 'list'; sleep 0.1; printf '\\033[1mening on 1\\n'; exec sleep 60");
  const ran = await repo.run([serve, e2e], { options: { concurrency: 1 } });
  expect(steps(ran)).toEqual([
    "api#dev start",
    "api#dev ready",
    "web#e2e start",
    "web#e2e ok: it has not run here before",
    "api#dev ok: stopped",
  ]);
  expect(ran.finished.exit).toBe(0);
});

test("a server that dies before it is ready fails what waits for it, whatever its exit code", async () => {
  const ran = await api("echo bye").run([serve, e2e]);
  expect(ran.end("api#dev").reason).toBe("ended before it was ready");
  expect(ran.end("web#e2e")).toMatchObject({ status: "skipped", reason: "api#dev did not succeed" });
  expect(ran.finished.exit).toBe(1);
});

test("a server whose port somebody else holds is not started, and nothing runs against the other", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const readyWhen = { url: `http://localhost:${port}/`, timeoutMs: 30_000 };
  const ran = await api("echo up; exec sleep 60").run([{ ...serve, readyWhen }, e2e]);
  expect(ran.end("api#dev")).toMatchObject({ status: "failed", code: "task/port-taken" });
  expect([ran.log("api#dev"), ran.end("web#e2e").status]).toEqual(["", "skipped"]);
  other.close();
});

test("a server that does not get ready in time is ended, and what is missing is said", async () => {
  const late = { ...serve, readyWhen: { ...ready, port: 1, timeoutMs: 150 } };
  const ran = await api("exec sleep 60").run([late, e2e]);
  expect(ran.end("api#dev").reason).toBe(
    'was not ready in time: after 0.15 s port 1 does not answer, its log does not say "listening on"',
  );
  expect(ran.end("web#e2e").status).toBe("skipped");
});

test("a server that dies while others go on is reported when it dies", async () => {
  const repo = rig({
    "packages/api/package.json": manifest("api", { dev: "echo listening on; sleep 0.2; exit 3" }),
    "packages/web/package.json": manifest("web", { e2e: "while [ ! -e ../../died ]; do sleep 0.05; done" }),
  });
  const ran = await repo.run([serve, e2e], {
    onEvent: (event) => {
      if (event.type === "task" && event.id === "api#dev") repo.write({ died: "" });
    },
  });
  expect(steps(ran).slice(3)).toEqual([
    "api#dev failed: exit code 3",
    "web#e2e ok: it has not run here before",
  ]);
  expect(ran.finished.exit).toBe(1);
});

test("run dev in a turbo repository: the web app starts when the API answers, and Ctrl-C ends both", async () => {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "slipway-dev-")));
  undo.push(() => rmSync(cwd, { recursive: true }));
  cpSync(join(import.meta.dirname, "../fixtures/turbo-dev"), cwd, { recursive: true });
  const stop = new AbortController();
  const events: RunEvent[] = [];
  const outside = testOutside({
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, SLIPWAY_CACHE_DIR: join(cwd, ".cache") },
    signal: stop.signal,
    answer(line) {
      const event = JSON.parse(line) as RunEvent;
      events.push(event);
      if (event.type === "ready" && event.id === "web#dev") stop.abort();
    },
  });
  expect(await dispatch(["run", "dev", "--json"], outside)).toBe(130);
  const told = events.flatMap((event) =>
    "id" in event && event.type !== "output" ? [`${event.id} ${event.type}`] : [],
  );
  expect(told.slice(0, 6)).toEqual([
    "shared#build start",
    "shared#build task",
    "api#dev start",
    "api#dev ready",
    "web#dev start",
    "web#dev ready",
  ]);
  expect(told.slice(6).toSorted()).toEqual(["api#dev task", "web#dev task"]);
  expect(events.find((event) => event.type === "output" && event.id === "web#dev")).toMatchObject({
    text: "web ready, says: good morning\n",
  });
});
