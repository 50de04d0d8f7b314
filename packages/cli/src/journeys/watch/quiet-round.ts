import type { Reporter } from "../../report/run/reporter.ts";

/** A round of a watched run without its hits: after an edit nobody wants to read again what did not change. */
export function quietRound(reporter: Reporter): Reporter {
  return {
    event(event) {
      if (event.type === "output" && event.replayed) return;
      const isOk = event.type === "task" && event.status === "ok";
      if (isOk && (event.from === "work-tree" || event.unchanged)) return;
      reporter.event(event);
    },
    end: () => reporter.end(),
  };
}
