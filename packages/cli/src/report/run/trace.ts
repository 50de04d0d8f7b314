import type { RecordedEvent } from "./recorded-run.ts";

interface TraceEvent {
  readonly name: string;
  readonly ph: "X" | "M" | "i";
  readonly pid: 1;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly s?: "g";
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * A run as chrome://tracing and ui.perfetto.dev read it: one row for each place that tasks ran in, one bar a task.
 * Source: "Trace Event Format", Google, 2016.
 */
export function chromeTrace(events: readonly RecordedEvent[]): {
  readonly traceEvents: readonly TraceEvent[];
} {
  const bars: TraceEvent[] = [];
  /** When the last bar of each row ends, in milliseconds. */
  const rows: number[] = [];
  const started = new Map<string, number>();
  for (const { atMs, event } of events) {
    if (event.type === "start") started.set(event.id, atMs);
    if (event.type === "notice") {
      const { message, code } = event;
      bars.push({ name: code, ph: "i", s: "g", pid: 1, tid: 0, ts: atMs * 1000, args: { message } });
    }
    if (event.type !== "task" || event.status === "skipped") continue;
    const startMs = started.get(event.id) ?? Math.max(0, atMs - event.durationMs);
    const free = rows.findIndex((endsMs) => endsMs <= startMs);
    const tid = free === -1 ? rows.length : free;
    rows[tid] = Math.max(atMs, startMs);
    const { id, status, cache, reason } = event;
    const args = { status, cache, ...(reason === undefined ? {} : { reason }) };
    bars.push({ name: id, ph: "X", pid: 1, tid, ts: startMs * 1000, dur: (atMs - startMs) * 1000, args });
  }
  const names = rows.map((_, tid): TraceEvent => ({
    name: "thread_name",
    ph: "M",
    pid: 1,
    tid,
    ts: 0,
    args: { name: `place ${tid + 1}` },
  }));
  return { traceEvents: [...names, ...bars] };
}
