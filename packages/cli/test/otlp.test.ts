import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { dispatch } from "../src/dispatch.ts";
import type { OtlpSpan } from "../src/report/run/otlp.ts";
import type { RecordedRun } from "../src/report/run/recorded-run.ts";
import { sendTrace } from "../src/wire/send-trace.ts";
import { testOutside } from "./outside.ts";

let server: Server | null = null;
afterEach(() => void server?.close());

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly spans: readonly OtlpSpan[];
}

/** A collector that answers what it is told to, and what it got. */
async function collector(status: number, answer = "{}") {
  const received: Received[] = [];
  const made = createServer((request, response) => {
    let text = "";
    request.on("data", (piece: Buffer) => (text += piece.toString("utf8")));
    request.on("end", () => {
      const body = JSON.parse(text) as { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] };
      const spans = body.resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((scope) => scope.spans),
      );
      received.push({ path: request.url, headers: request.headers, spans });
      response.writeHead(status, { "content-type": "application/json" }).end(answer);
    });
  });
  server = made;
  await new Promise<void>((resolve) => {
    made.listen(0, "127.0.0.1", resolve);
  });
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}`, received };
}

const counts = { tasks: 2, hits: 0, misses: 2, failed: 1, skipped: 0, durationMs: 40, savedMs: 0 };
const a = { id: "a#build", package: "a", task: "build" } as const;
const b = { id: "b#build", package: "b", task: "build" } as const;
const run: RecordedRun = {
  schema: 1,
  startedAt: 1_700_000_000_000,
  words: ["build"],
  needs: { "a#build": [], "b#build": ["a#build"] },
  events: [
    { atMs: 1, event: { type: "start", ...a, command: "tsc", cache: "miss", reason: "a.ts changed" } },
    {
      atMs: 11,
      event: { type: "task", ...a, status: "ok", cache: "miss", reason: "a.ts changed", durationMs: 10 },
    },
    { atMs: 12, event: { type: "start", ...b, command: "tsc", cache: "miss", reason: "a#build changed" } },
    {
      atMs: 40,
      event: {
        type: "task",
        ...b,
        status: "failed",
        cache: "miss",
        reason: "exit code 1",
        exitCode: 1,
        durationMs: 28,
      },
    },
    { atMs: 40, event: { type: "finished", ...counts, exit: 1 } },
  ],
};

test("a run is one trace: a span for the run, one for each task, linked to what it needed", async () => {
  const { url, received } = await collector(200);
  const env = {
    TRACEPARENT: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    OTEL_EXPORTER_OTLP_HEADERS: "x-team=one%20two, authorization=Bearer t",
  };
  expect(await sendTrace(run, url, env)).toBeNull();
  const [{ path, headers, spans } = { path: "", headers: {}, spans: [] }] = received;
  expect(path).toBe("/v1/traces");
  expect(headers).toMatchObject({
    "content-type": "application/json",
    "x-team": "one two",
    authorization: "Bearer t",
  });
  const [root, first, second] = spans;
  expect(root).toMatchObject({
    name: "slipway run build",
    parentSpanId: "b".repeat(16),
    status: { code: 2 },
  });
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(["a".repeat(32)]));
  expect(first).toMatchObject({
    name: "a#build",
    parentSpanId: root?.spanId,
    startTimeUnixNano: "1700000000001000000",
    endTimeUnixNano: "1700000000011000000",
    status: { code: 1 },
  });
  expect(second?.links).toEqual([{ traceId: "a".repeat(32), spanId: first?.spanId }]);
  expect(second?.status).toEqual({ code: 2, message: "exit code 1" });
  expect(second?.attributes).toContainEqual({ key: "process.exit.code", value: { intValue: "1" } });
});

test("a collector that refuses, answers nonsense or is not there is a sentence, and fails nothing", async () => {
  const refusing = await collector(503);
  expect(await sendTrace(run, `${refusing.url}/own/path`, {})).toContain("it answered 503");
  expect(refusing.received[0]?.path).toBe("/own/path");
  expect(refusing.received[0]?.spans[0]).not.toHaveProperty("parentSpanId");
  server?.close();
  const partial = await collector(200, '{"partialSuccess":{"rejectedSpans":"3"}}');
  expect(await sendTrace(run, partial.url, {})).toBe("the collector refused 3 spans");
  expect(await sendTrace(run, "http://127.0.0.1:1", {})).toContain("did not take the run");
});

test.each(["not an address", "ftp://127.0.0.1/", "127.0.0.1:4318"])(
  "a run whose collector is %j ends before anything runs",
  async (address) => {
    const started = dispatch(["run", "build", "--otlp", address], testOutside());
    await expect(started).rejects.toThrow(`--otlp takes the address of a collector; got "${address}"`);
  },
);
