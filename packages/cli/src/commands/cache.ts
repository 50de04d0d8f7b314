import { command } from "../command.ts";

const place = {
  "cache-dir": {
    type: "text",
    value: "DIR",
    env: ["SLIPWAY_CACHE_DIR"],
    summary: "where results are kept; else the user's cache directory",
  },
  json: { type: "boolean", summary: "print JSON" },
} as const;

export const cacheStats = command({
  positionals: [],
  options: place,
  async run(context) {
    const { showStats } = await import("../journeys/care-for-cache.ts");
    return showStats(context.options, context);
  },
});

export const cachePrune = command({
  positionals: [],
  options: {
    "max-size": {
      type: "text",
      value: "SIZE",
      default: "10GB",
      env: ["SLIPWAY_CACHE_MAX_SIZE"],
      summary: "what was used longest ago goes until the rest fits: 500MB, 10GB",
    },
    "max-age": {
      type: "text",
      value: "AGE",
      default: "30d",
      env: ["SLIPWAY_CACHE_MAX_AGE"],
      summary: "what was not used for so long goes: 12h, 30d",
    },
    ...place,
  },
  description: ["Runs do this once a day by themselves, with the same bounds."],
  examples: [{ line: "slipway cache prune --max-size 2GB", does: "make the cache small before CI keeps it" }],
  async run(context) {
    const { prune } = await import("../journeys/care-for-cache.ts");
    return prune(context.options, context);
  },
});

export const cacheVerify = command({
  positionals: [],
  options: {
    repair: { type: "boolean", summary: "set what is damaged aside, so that no run meets it" },
    ...place,
  },
  description: [
    "Reads every byte. Runs verify what they take anyway; this finds damage before it costs a miss.",
  ],
  async run(context) {
    const { verify } = await import("../journeys/care-for-cache.ts");
    return verify(context.options, context);
  },
});

export const cache = command({
  positionals: [],
  options: place,
  async run(context) {
    const { showStats } = await import("../journeys/care-for-cache.ts");
    return showStats(context.options, context);
  },
});
