import type { TaskId } from "@slipway/kernel";
import type { TaskEnded } from "@slipway/run";
import type { RecordedRun } from "./recorded-run.ts";

export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the span of whoever started this run; null when nobody said. */
  readonly parentSpanId: string | null;
  /** A new span id at each call. */
  newSpanId(): string;
  readonly version: string;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string };
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: 1;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: 1 | 2; readonly message?: string };
}

/**
 * A run as OpenTelemetry takes it over HTTP: one span for the run, one for each task below it, linked to what it needed.
 * Source: opentelemetry.io/docs/specs/otlp, and the JSON mapping of opentelemetry-proto's trace.proto.
 */
export function otlpTrace(run: RecordedRun, context: TraceContext) {
  const spans = spansOf(run, context);
  const scope = { name: "slipway", version: context.version };
  const attributes = attributesOf({ "service.name": "slipway", "service.version": context.version });
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope, spans }] }] };
}

function spansOf(run: RecordedRun, context: TraceContext): OtlpSpan[] {
  const { traceId, parentSpanId } = context;
  const nano = nanosecondsFrom(run.startedAt);
  const rootId = context.newSpanId();
  const finished = run.events.findLast(({ event }) => event.type === "finished");
  const end = finished?.event.type === "finished" ? finished.event : null;
  const root: OtlpSpan = {
    traceId,
    spanId: rootId,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    name: ["slipway run", ...run.words].join(" "),
    kind: 1,
    startTimeUnixNano: nano(0),
    endTimeUnixNano: nano(run.events.at(-1)?.atMs ?? 0),
    attributes: end
      ? attributesOf({ "slipway.tasks": end.tasks, "slipway.hits": end.hits, "slipway.failed": end.failed })
      : [],
    status: end?.exit === 0 ? { code: 1 } : { code: 2, message: end ? `exit status ${end.exit}` : "cut off" },
  };
  const ids = new Map<TaskId, string>();
  const tasks = endsOf(run).map(({ startMs, atMs, task }): OtlpSpan => {
    const spanId = context.newSpanId();
    ids.set(task.id, spanId);
    const needs = (run.needs[task.id] ?? []).flatMap((need) => ids.get(need) ?? []);
    return {
      traceId,
      spanId,
      parentSpanId: rootId,
      name: task.id,
      kind: 1,
      startTimeUnixNano: nano(startMs),
      endTimeUnixNano: nano(atMs),
      attributes: taskAttributes(task),
      ...(needs.length > 0 ? { links: needs.map((need) => ({ traceId, spanId: need })) } : {}),
      status: task.status === "failed" ? { code: 2, message: task.reason ?? "failed" } : { code: 1 },
    };
  });
  return [root, ...tasks];
}

/** Each task with when it began; what was looked up and not run began as long ago as it took. */
function endsOf({ events }: RecordedRun) {
  const started = new Map<TaskId, number>();
  return events.flatMap(({ atMs, event }) => {
    if (event.type === "start") started.set(event.id, atMs);
    if (event.type !== "task") return [];
    return [{ startMs: started.get(event.id) ?? Math.max(0, atMs - event.durationMs), atMs, task: event }];
  });
}

function taskAttributes(task: TaskEnded): Attribute[] {
  const { package: name, status, cache, from, reason, fingerprint, exitCode } = task;
  return attributesOf({
    "slipway.package": name,
    "slipway.task": task.task,
    "slipway.status": status,
    "slipway.cache": cache,
    "slipway.cache.from": from,
    "slipway.reason": reason,
    "slipway.fingerprint": fingerprint,
    "process.exit.code": exitCode,
  });
}

function attributesOf(values: Readonly<Record<string, string | number | null | undefined>>): Attribute[] {
  return Object.entries(values).flatMap(([key, value]): Attribute[] => {
    if (value === null || value === undefined) return [];
    return [{ key, value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value } }];
  });
}

/** 64-bit integers are strings in OTLP's JSON. */
function nanosecondsFrom(startedAt: number): (atMs: number) => string {
  return (atMs) => String(BigInt(Math.round(startedAt + atMs)) * 1_000_000n);
}

/** Source: w3.org/TR/trace-context, `traceparent`. */
export function parentOf(
  traceparent: string | undefined,
): Pick<TraceContext, "traceId" | "parentSpanId"> | null {
  const [, traceId, parentSpanId] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(traceparent ?? "") ?? [];
  return traceId === undefined || parentSpanId === undefined ? null : { traceId, parentSpanId };
}
