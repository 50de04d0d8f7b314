import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UserError, sha256 } from "@slipway/kernel";
import type { RegistryTarget } from "./npm-settings.ts";
import { ownFile } from "./own-file.ts";

export interface VerdaccioSource {
  /** A fetched Verdaccio stays here, under the digest of its lock. */
  readonly cacheDir: string;
  /** Where it is fetched from; null leaves that to npm's own settings. */
  readonly registry: RegistryTarget | null;
  /** Another package.json and package-lock.json than those that Slipway carries. */
  readonly lockDir?: string;
}

/** The folder of the package `verdaccio`: Slipway's own dependency where it is one, else fetched once from the lock it carries. */
export async function bringVerdaccio(source: VerdaccioSource): Promise<string> {
  return ownVerdaccio() ?? (await fetchVerdaccio(source));
}

function ownVerdaccio(): string | null {
  // The bundle lies in packages/cli/dist of Slipway's own repository, where Verdaccio belongs to packages/registry.
  for (const from of [import.meta.url, join(import.meta.dirname, "../../registry/package.json")]) {
    try {
      return dirname(createRequire(from).resolve("verdaccio/package.json"));
    } catch {
      // Not installed there.
    }
  }
  return null;
}

/** Safe for several processes at once: whoever is first puts it in its place whole, the others take that. */
export async function fetchVerdaccio(source: VerdaccioSource): Promise<string> {
  const { cacheDir, registry, lockDir = ownFile("verdaccio-lock") } = source;
  const lock = await readFile(join(lockDir, "package-lock.json"));
  const parent = join(cacheDir, "verdaccio");
  const place = join(parent, sha256(lock).slice(0, 16));
  const home = join(place, "node_modules", "verdaccio");
  if (await exists(join(home, "package.json"))) return home;
  await mkdir(parent, { recursive: true });
  const temporary = await mkdtemp(join(parent, "incoming-"));
  try {
    for (const file of ["package.json", "package-lock.json"]) {
      await copyFile(join(lockDir, file), join(temporary, file));
    }
    await npmCi(temporary, registry);
    await rename(temporary, place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return home;
}

async function npmCi(cwd: string, registry: RegistryTarget | null): Promise<void> {
  // npm's own waits between retries are 10 s and 60 s.
  const patience = ["--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=4000"];
  const flags = [
    "--omit=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
  ];
  const { status, output } = await run(["ci", ...flags, ...patience], cwd, {
    ...process.env,
    ...npmEnvironment(registry),
  });
  if (status === 0) return;
  throw new UserError(
    "registry/not-started",
    `Verdaccio could not be installed: npm ended with ${status}\n${output}`,
    {
      hint: "see whether the npm registry that .npmrc names can be reached",
    },
  );
}

/** The settings of the caller's project, which npm would not find from the cache directory. */
function npmEnvironment(registry: RegistryTarget | null): Record<string, string> {
  if (!registry) return {};
  const { url, auth, ca, proxy, strictSsl } = registry;
  const place = url.replace(/^https?:/, "").replace(/\/?$/, "/");
  return {
    npm_config_registry: url,
    ...(auth?.kind === "bearer" ? { [`npm_config_${place}:_authToken`]: auth.token } : {}),
    ...(auth?.kind === "basic" ? { [`npm_config_${place}:_auth`]: auth.credentials } : {}),
    ...(ca && ca.length > 0 ? { npm_config_ca: ca.join("\n") } : {}),
    ...(proxy ? { npm_config_https_proxy: proxy, npm_config_proxy: proxy } : {}),
    ...(strictSsl === false ? { npm_config_strict_ssl: "false" } : {}),
  };
}

function run(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer) => (output = (output + chunk.toString("utf8")).slice(-2000));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (cause) => {
      reject(
        new UserError(
          "registry/not-started",
          `Verdaccio could not be installed: npm does not start (${cause.message})`,
          { cause },
        ),
      );
    });
    child.once("close", (status) => resolve({ status, output: output.trim() }));
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
