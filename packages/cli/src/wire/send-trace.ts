import { postJson } from "@slipway/host";
import { isRecord } from "@slipway/kernel";
import { randomBytes } from "node:crypto";
import { otlpTrace, parentOf } from "../report/run/otlp.ts";
import type { RecordedRun } from "../report/run/recorded-run.ts";
import { version } from "../version.ts";
import { tracesUrl } from "./collector-address.ts";

/**
 * Sends a run to a collector: `TRACEPARENT` puts it below the span that started it, `OTEL_EXPORTER_OTLP_HEADERS` carries
 * what the collector asks for.
 *
 * @returns what went wrong; null when the collector has all of it
 */
export async function sendTrace(
  run: RecordedRun,
  to: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const url = tracesUrl(to);
  const parent = parentOf(env["TRACEPARENT"]) ?? {
    traceId: randomBytes(16).toString("hex"),
    parentSpanId: null,
  };
  const body = otlpTrace(run, { ...parent, newSpanId, version });
  const answer = await postJson(url, body, headersOf(env["OTEL_EXPORTER_OTLP_HEADERS"]));
  if ("problem" in answer) return `${url.origin} did not take the run: ${answer.problem}`;
  return rejected(answer.text);
}

function newSpanId(): string {
  return randomBytes(8).toString("hex");
}

/** Source: opentelemetry.io/docs/specs/otel/protocol/exporter, "Specifying headers via environment variables". */
function headersOf(text = ""): Record<string, string> {
  const pairs = text.split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at > 0 ? [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const] : [];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function rejected(answer: string): string | null {
  try {
    const parsed: unknown = JSON.parse(answer);
    const partial = isRecord(parsed) ? parsed["partialSuccess"] : null;
    const count = isRecord(partial) ? Number(partial["rejectedSpans"] ?? 0) : 0;
    return count > 0 ? `the collector refused ${count} spans` : null;
  } catch {
    return null;
  }
}
