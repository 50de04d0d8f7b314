import { command } from "../command.ts";

export const registry = command({
  positionals: [],
  options: {
    port: {
      type: "number",
      value: "N",
      unit: "port numbers",
      default: 0,
      max: 65_535,
      summary: "listen on 127.0.0.1:N; 0 is any free port",
    },
  },
  description: [
    "Packs the publishable packages as they stand (build them first; no lifecycle script runs), publishes them to a Verdaccio of its own on 127.0.0.1, and serves them until Ctrl-C. Everything else is read through from the registry that .npmrc names. Nothing is kept, and nothing is ever written to another registry.",
  ],
  examples: [
    { line: "slipway registry", does: "serve the workspace's packages" },
    { line: "npm install NAME --registry URL", does: "be their consumer, in another folder" },
  ],
  async run(context) {
    const { serveRegistry } = await import("../journeys/serve-registry.ts");
    return serveRegistry(context.options.port, context);
  },
});
