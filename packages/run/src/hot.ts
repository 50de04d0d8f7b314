// The hot path's own entry: what a run that has nothing to do needs, and nothing of the engine.
export { countedValues } from "./environment.ts";
export { hotEvents, type HotTaskEnd } from "./hot-events.ts";
