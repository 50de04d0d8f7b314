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
    name: "graph",
    summary: "show which package or task needs which",
    load: async () => (await import("./graph.ts")).graph,
  },
];
