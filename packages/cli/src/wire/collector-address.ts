import { UserError } from "@slipway/kernel";

/**
 * Where a collector takes traces: its address stands for its path of traces, as OTEL_EXPORTER_OTLP_ENDPOINT has it.
 *
 * @throws UserError when it is no address
 */
export function tracesUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UserError("cli/bad-argument", `--otlp takes the address of a collector; got "${text}"`, {
      hint: "it takes one such as http://127.0.0.1:4318",
    });
  }
  return url.pathname === "/" ? new URL("/v1/traces", url) : url;
}
