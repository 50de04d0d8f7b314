import { isRecord } from "@slipway/kernel";
import type { ReadyWhen } from "../types.ts";

/** As long as nx waits. */
const timeoutMsDefault = 600_000;

/** The keys that `readyWhen` may have; `interval` and nx's `signal` have no meaning here. */
export const readyWhenKeys = [
  "port",
  "host",
  "url",
  "command",
  "logMatches",
  "timeout",
  "interval",
  "signal",
];

/**
 * When a persistent task is ready, as nx and slipway.json write it.
 *
 * @returns null when nothing is named that can be looked at; a sentence when a value is of the wrong kind
 */
export function readReadyWhen(value: unknown): ReadyWhen | string | null {
  if (value === null || value === undefined) return null;
  if (!isRecord(value)) return "readyWhen must be an object";
  const { host, url, command, timeout } = value;
  const port = portOf(value["port"]);
  const logMatches = textsOf(value["logMatches"]);
  const isTime = timeout === undefined || (typeof timeout === "number" && timeout > 0);
  const faults = [
    port === undefined ? "port must be a number from 1 to 65535" : "",
    logMatches ? "" : "logMatches must be a text or a list of texts",
    ...Object.entries({ host, url, command }).map(([name, text]) =>
      text === undefined || (typeof text === "string" && text !== "") ? "" : `${name} must be a text`,
    ),
    isTime ? "" : "timeout must be a number of milliseconds",
  ].filter((fault) => fault !== "");
  if (port === undefined || !logMatches || !isTime || faults.length > 0) return faults.join("; ");
  const ready = {
    ...(port === null ? {} : { port }),
    ...(typeof host === "string" ? { host } : {}),
    ...(typeof url === "string" ? { url } : {}),
    ...(typeof command === "string" ? { command } : {}),
    ...(logMatches.length > 0 ? { logMatches } : {}),
  };
  const texts = [ready.url, ready.command, ...logMatches].join("");
  // What nx would fill in from options or the environment is not known here.
  if (/\{(?:options|env)\.[^}]*\}/.test(texts)) return null;
  if (port === null && !ready.url && !ready.command && logMatches.length === 0) return null;
  return { ...ready, timeoutMs: timeout ?? timeoutMsDefault };
}

/** Null: none, or one that the server chooses; undefined: no port at all. */
function portOf(value: unknown): number | null | undefined {
  if (value === undefined || value === 0 || value === "0" || value === "auto") return null;
  if (typeof value === "string" && value.startsWith("{")) return null;
  const port = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function textsOf(value: unknown): readonly string[] | null {
  const list: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return list.every((each) => typeof each === "string" && each !== "") ? (list as string[]) : null;
}
