import type { RunEvent } from "@slipway/run";
import type { Paint } from "./paint.ts";

/** The lines that tell of a build inside a longer journey: of a task that failed all that it wrote, of the others nothing. */
export function buildTeller(paint: Paint): (event: RunEvent) => readonly string[] {
  const logs = new Map<string, string>();
  return (event) => {
    if (event.type === "output") {
      logs.set(event.id, (logs.get(event.id) ?? "") + event.text);
      return [];
    }
    if (event.type === "notice") return [`${paint("yellow", "!")} ${event.message}`];
    if (event.type !== "task") return [];
    const log = logs.get(event.id) ?? "";
    logs.delete(event.id);
    if (event.status !== "failed") return [];
    const lines = log.trimEnd().split("\n");
    return [
      `${paint("red", "✗")} ${event.id} ${event.reason ?? "failed"}`,
      ...lines.map((line) => `  ${line}`),
    ];
  };
}
