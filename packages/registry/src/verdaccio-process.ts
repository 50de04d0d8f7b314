import { createRequire } from "node:module";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { verdaccioConfig, type VerdaccioPlaces } from "./verdaccio-config.ts";

/**
 * The program of the child process that Verdaccio runs in: told what to serve over IPC, it answers with its port and
 * ends with its parent, however the parent ends.
 */
export interface VerdaccioSetup {
  /** The folder of the package `verdaccio`. */
  readonly home: string;
  readonly configPath: string;
  readonly port: number;
  readonly places: VerdaccioPlaces;
}

export type VerdaccioReport =
  | { readonly port: number }
  | { readonly error: string; readonly code: string | null };

interface VerdaccioConfigModule {
  readonly parseConfigFile: (path: string) => Record<string, unknown>;
}

interface VerdaccioModule {
  readonly runServer: (config: Record<string, unknown>) => Promise<Server>;
}

async function serve(setup: VerdaccioSetup): Promise<number> {
  const load = createRequire(`${setup.home}/package.json`);
  const { parseConfigFile } = load("@verdaccio/config") as VerdaccioConfigModule;
  const { runServer } = load(setup.home) as VerdaccioModule;
  const config = verdaccioConfig(parseConfigFile(setup.configPath), setup.places);
  const server = await runServer({ ...config, configPath: setup.configPath });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(setup.port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

function report(message: VerdaccioReport): void {
  process.send?.(message);
}

process.once("disconnect", () => process.exit(0));
// A Ctrl-C reaches the whole process group: the parent still has requests to make, and ends this one itself.
process.on("SIGINT", () => undefined);
process.once("message", (setup: VerdaccioSetup) => {
  serve(setup).then(
    (port) => report({ port }),
    (error: unknown) => {
      const { message, code } = error as NodeJS.ErrnoException;
      report({ error: message, code: code ?? null });
    },
  );
});
