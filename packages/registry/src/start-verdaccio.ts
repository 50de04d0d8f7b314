import { fork, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "@slipway/kernel";
import { bringVerdaccio } from "./bring-verdaccio.ts";
import type { RegistryTarget } from "./npm-settings.ts";
import { ownFile } from "./own-file.ts";
import type { VerdaccioReport, VerdaccioSetup } from "./verdaccio-process.ts";

export interface EmbeddedRegistry {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** Ends the process; the storage stays. Twice is as good as once. */
  close(): Promise<void>;
}

export interface VerdaccioOptions {
  /** Packages, users and the log are kept here; two registries never share one. */
  readonly storage: string;
  /** Read through, never published to; null serves only what is published here. */
  readonly uplink: RegistryTarget | null;
  /** Registries of single scopes (`@acme`), read through instead of the uplink. */
  readonly scopes?: Readonly<Record<string, RegistryTarget>>;
  /** Packages that are only what is published here: never read through. */
  readonly own?: readonly string[];
  /** `staging` when not said; a path to another configuration. */
  readonly config?: "staging" | "production" | (string & {});
  /** 0, any free one, when not said. */
  readonly port?: number;
  /** Where a fetched Verdaccio and compiled code are kept; the user's cache directory when not said. */
  readonly cacheDir?: string;
}

const startTimeoutMs = 60_000;

/** Starts Verdaccio as a child process that ends with this one, even after a kill -9. */
export async function startVerdaccio(options: VerdaccioOptions): Promise<EmbeddedRegistry> {
  const cacheDir = options.cacheDir ?? userCacheDir();
  const home = await bringVerdaccio({ cacheDir, registry: options.uplink });
  mkdirSync(options.storage, { recursive: true });
  const logPath = join(options.storage, "verdaccio.log");
  const child = startChild(logPath, cacheDir);
  const config = options.config ?? "staging";
  const setup: VerdaccioSetup = {
    home,
    configPath:
      config === "staging" || config === "production" ? ownFile(`verdaccio/${config}.yaml`) : resolve(config),
    port: options.port ?? 0,
    places: {
      storage: resolve(options.storage),
      uplink: options.uplink,
      scopes: options.scopes ?? {},
      own: options.own ?? [],
    },
  };
  const report = await firstReport(child, setup);
  if ("port" in report) return { url: `http://127.0.0.1:${report.port}/`, close: () => end(child) };
  await end(child);
  if (report.code === "EADDRINUSE") {
    throw new UserError("host/port-taken", `port ${options.port} is in use`, {
      hint: "choose another port, or none for any free one",
    });
  }
  throw new UserError("registry/not-started", `Verdaccio did not start: ${report.error}${tailOf(logPath)}`);
}

/** `$XDG_CACHE_HOME/slipway`, else `~/.cache/slipway`. */
export function userCacheDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env["SLIPWAY_CACHE_DIR"] ?? join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "slipway");
}

function startChild(logPath: string, cacheDir: string): ChildProcess {
  const self = fileURLToPath(import.meta.url);
  const program = join(self, "..", `verdaccio-process${extname(self)}`);
  const log = openSync(logPath, "a");
  // No token and no setting of the caller reaches it but those that the setup names.
  const passed = ["PATH", "HOME", "TMPDIR", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
  const env = Object.fromEntries(
    passed.map((name) => [name, process.env[name]]).filter((entry) => entry[1] !== undefined),
  );
  try {
    return fork(program, [], {
      stdio: ["ignore", log, log, "ipc"],
      // From source, its imports of other rooms are sources too.
      execArgv: extname(self) === ".ts" ? ["--conditions=source"] : [],
      env: { ...env, NODE_COMPILE_CACHE: join(cacheDir, "compiled") },
    });
  } finally {
    closeSync(log);
  }
}

function firstReport(child: ChildProcess, setup: VerdaccioSetup): Promise<VerdaccioReport> {
  return new Promise((answered) => {
    const failed = (error: string) => answered({ error, code: null });
    const timer = setTimeout(() => failed(`not ready within ${startTimeoutMs} ms`), startTimeoutMs);
    timer.unref();
    child.once("message", (report) => {
      clearTimeout(timer);
      answered(report as VerdaccioReport);
    });
    child.once("error", (error) => failed(error.message));
    child.once("exit", (code, signal) => failed(`it ended with ${signal ?? `exit status ${code}`}`));
    child.send(setup, (error) => {
      if (error) failed(error.message);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((gone) => child.once("exit", () => gone()));
  child.kill("SIGKILL");
  await ended;
}

function tailOf(logPath: string): string {
  const lines = readFileSync(logPath, "utf8").trim().split("\n").slice(-5).join("\n");
  return lines ? `\n${lines.slice(-2000)}` : "";
}
