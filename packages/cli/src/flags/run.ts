import type { Options } from "../command.ts";

/** How tasks are run: flags of `run` that its plan does not depend on. */
export const carryingOutFlags = {
  force: {
    type: "boolean",
    env: ["SLIPWAY_FORCE", "TURBO_FORCE"],
    summary: "run what the cache has too, and store it anew",
  },
  cache: {
    type: "text",
    value: "RULES",
    env: ["SLIPWAY_CACHE"],
    summary: "what may be read (r) and written (w): `local:rw,remote:r`",
  },
  "cache-dir": {
    type: "text",
    value: "DIR",
    env: ["SLIPWAY_CACHE_DIR"],
    summary: "where results are kept; else the user's cache directory",
  },
  concurrency: {
    type: "text",
    value: "N|N%",
    env: ["SLIPWAY_CONCURRENCY", "TURBO_CONCURRENCY", "NX_PARALLEL"],
    summary: "tasks at a time, or a share of the processors; else as the repository says, else one for each",
  },
  continue: {
    type: "text",
    value: "HOW",
    bare: "always",
    choices: ["never", "dependencies-successful", "always"],
    default: "dependencies-successful",
    summary: "after a failure: stop at once, go on with what does not need it, or with everything",
  },
  "env-mode": {
    type: "text",
    value: "MODE",
    choices: ["strict", "loose", "filtered"],
    summary: "which variables tasks see: the declared ones, all, or all but what looks like a secret",
  },
  "output-logs": {
    type: "text",
    value: "MODE",
    choices: ["full", "hash-only", "new-only", "errors-only", "none"],
    env: ["TURBO_OUTPUT_LOGS"],
    summary: "which tasks' output to show; else as each task's configuration says",
  },
  "log-order": {
    type: "text",
    value: "ORDER",
    choices: ["auto", "stream", "grouped"],
    default: "auto",
    env: ["TURBO_LOG_ORDER"],
    summary: "show output line by line as it comes, or whole when its task has ended",
  },
} as const satisfies Options;
