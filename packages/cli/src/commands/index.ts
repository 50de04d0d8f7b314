import type { Command } from "../command.ts";

/** One line of `slipway --help`; the command itself is loaded when it is called. */
export interface CommandRow {
  /** One word, or two for a command below another (`cache stats`). */
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** In the order in which the help lists them. */
export const commands: readonly CommandRow[] = [
  {
    name: "run",
    summary: "run tasks: in order, in parallel, from the cache where nothing changed",
    load: async () => (await import("./run.ts")).run,
  },
  {
    name: "affected",
    summary: "say which packages a change reaches, and why",
    load: async () => (await import("./affected.ts")).affected,
  },
  {
    name: "graph",
    summary: "show which package or task needs which",
    load: async () => (await import("./graph.ts")).graph,
  },
  {
    name: "registry",
    summary: "serve the workspace's packages from an embedded registry, for trying things by hand",
    load: async () => (await import("./registry.ts")).registry,
  },
];
