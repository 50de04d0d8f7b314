import type { Outside } from "../../command.ts";
import type { Reporter } from "./reporter.ts";

/** One event a line, as docs/schema/run-event.json describes them. */
export function jsonReporter(outside: Pick<Outside, "answer">): Reporter {
  return { event: (event) => outside.answer(JSON.stringify(event)), end: () => {} };
}
