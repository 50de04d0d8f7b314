import type { RunPlan } from "@slipway/plan";
import type { FingerprintSources } from "./fingerprint-task.ts";
import type { RunPorts } from "./ports.ts";
import { scriptSettings } from "./script-habits.ts";
import type { RunOptions } from "./surroundings.ts";

/** @param facts what is known of the tasks that came before */
export function fingerprintSources(
  plan: RunPlan,
  { ports, options }: { readonly ports: RunPorts; readonly options: RunOptions },
  facts: FingerprintSources["facts"],
): FingerprintSources {
  return {
    plan,
    tree: ports.tree,
    processes: ports.processes,
    trustDomain: options.trustDomain,
    prePost: options.habits.prePost,
    scriptSettings: scriptSettings(options.habits),
    facts,
    once: new Map(),
    globals: { snapshot: null },
    keyedDigest: ports.keyedDigest,
  };
}
