import { jsonReporter } from "./json-reporter.ts";
import { liveReporter } from "./live-reporter.ts";
import { plainReporter } from "./plain-reporter.ts";
import type { Reporter, ReporterOptions } from "./reporter.ts";

/** The reporter that fits who reads: machines, a terminal that can rewrite lines, or anything else. */
export function reporterFor(options: ReporterOptions & { readonly json: boolean }): Reporter {
  if (options.json) return jsonReporter(options.outside);
  // A task that talks to the terminal itself must not be overwritten by a block.
  const talks = options.tasks.some((task) => task.interactive);
  return options.outside.terminal.live && !talks ? liveReporter(options) : plainReporter(options);
}
