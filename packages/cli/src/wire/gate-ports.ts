import type { GatePorts, GateSubject, Installation, SealedTarball } from "@slipway/gates";
import { runBounded, type BoundedResult } from "@slipway/host";
import { integrityOf, isRecord, type Integrity, type PackageName } from "@slipway/kernel";
import { readTarball, type RegistryClient } from "@slipway/registry";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export interface GateWiring {
  /** Where the sealed tarballs are staged; it reads other packages through. */
  readonly staging: RegistryClient;
  /** An empty folder for installs and their cache; whoever made it removes it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The version that users of a package get now; null when there is none. */
  readonly before: Readonly<Record<PackageName, string | null>>;
  /** An install that takes longer has failed. */
  readonly installTimeoutMs?: number;
}

/** A consumer of the staging registry: npm in empty folders, with nothing of the user's own settings or credentials. */
export function gatePorts(wiring: GateWiring): GatePorts {
  const { staging } = wiring;
  const installs = new Map<string, Promise<Installation>>();
  const earlier = new Map<PackageName, Promise<GateSubject | null>>();
  return {
    servedIntegrity: async (name, version) => {
      const bytes = await staging.download(name, version);
      return bytes && integrityOf(bytes);
    },
    install: (name, version) => {
      const key = `${name}@${version}`;
      const folder = join(wiring.folder, `install-${installs.size}`);
      const install = installs.get(key) ?? installed(wiring, key, folder);
      installs.set(key, install);
      return install;
    },
    lastPublished: (name) => {
      const subject = earlier.get(name) ?? lastPublished(wiring, name);
      earlier.set(name, subject);
      return subject;
    },
  };
}

export function sealedSubject(tarball: SealedTarball, bytes: Uint8Array): GateSubject {
  return subjectOf(bytes, tarball, tarball.integrity);
}

export function subjectOf(
  bytes: Uint8Array,
  { name, version }: { readonly name: PackageName; readonly version: string },
  integrity: Integrity | null,
): GateSubject {
  const files = new Map(readTarball(bytes).map((entry) => [entry.path, entry.bytes]));
  return {
    name,
    version,
    integrity,
    manifest: manifestIn(files.get("package.json")),
    files: { paths: [...files.keys()].toSorted(), read: (path) => files.get(path) ?? null },
  };
}

function manifestIn(bytes: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  if (!bytes) return {};
  try {
    const manifest: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return isRecord(manifest) ? manifest : {};
  } catch {
    return {};
  }
}

async function lastPublished(
  { staging, before }: GateWiring,
  name: PackageName,
): Promise<GateSubject | null> {
  const version = before[name];
  const bytes = version ? await staging.download(name, version) : null;
  return version && bytes ? subjectOf(bytes, { name, version }, null) : null;
}

const installTimeoutMs = 240_000;
const logCharactersMax = 2_000;
const againMax = 2;
const againMs = 1_000;

async function installed(wiring: GateWiring, spec: string, folder: string): Promise<Installation> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", version: "1.0.0", private: true }),
  );
  const env = consumerEnvironment(wiring);
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const args = ["install", spec, ...quiet];
  const options = { cwd: folder, env, timeoutMs: wiring.installTimeoutMs ?? installTimeoutMs };
  let ran = await runBounded("npm", args, options);
  for (let again = 0; again < againMax && isOfTheNetwork(ran); again++) {
    await setTimeout(againMs);
    ran = await runBounded("npm", args, options);
  }
  // What a slow registry has sent by now is in npm's cache, so the second time is a shorter one.
  if (ran.timedOut) ran = await runBounded("npm", args, options);
  if (/code ERESOLVE/.test(ran.stderr)) {
    const peers = await requiredPeers(wiring.staging, spec);
    if (peers.length > 0) ran = await runBounded("npm", ["install", spec, ...peers, ...quiet], options);
  }
  if (ran.exitCode !== 0) {
    const log = ran.timedOut
      ? `npm install ${spec} took longer than ${options.timeoutMs / 1000} s, twice`
      : `${ran.stderr}${ran.stdout}`.trim();
    return { ok: false, log: log.slice(-logCharactersMax) };
  }
  return {
    ok: true,
    runNode: async (script, timeoutMs) => {
      const file = join(folder, "consumer.mjs");
      await writeFile(file, script);
      return runBounded("node", [file], { cwd: folder, env, timeoutMs });
    },
    runBin: (bin, args_, timeoutMs) => {
      return runBounded(join(folder, "node_modules/.bin", bin), args_, { cwd: folder, env, timeoutMs });
    },
  };
}

/**
 * As whoever uses a package has its host before it: npm alone takes the newest host that any optional peer allows, and then
 * finds no way back (`react: ">=19 <19.3"` beside an optional `expo`).
 */
async function requiredPeers(staging: RegistryClient, spec: string): Promise<readonly string[]> {
  const at = spec.lastIndexOf("@");
  const [name, version] = [spec.slice(0, at), spec.slice(at + 1)];
  const bytes = await staging.download(name, version);
  const { peerDependencies, peerDependenciesMeta } = bytes
    ? subjectOf(bytes, { name, version }, null).manifest
    : {};
  const meta = isRecord(peerDependenciesMeta) ? peerDependenciesMeta : {};
  return Object.entries(isRecord(peerDependencies) ? peerDependencies : {})
    .filter(([peer]) => !(isRecord(meta[peer]) && meta[peer]["optional"] === true))
    .map(([peer, range]) => `${peer}@${String(range)}`);
}

/** What Verdaccio can't read through it says to be absent, so a missing dependency may be the network's fault, too. */
function isOfTheNetwork({ exitCode, timedOut, stderr }: BoundedResult): boolean {
  return (
    exitCode !== 0 &&
    !timedOut &&
    /code (E404|E5\d\d|ECONN\w+|ETIMEDOUT|EAI_AGAIN|ERR_SOCKET\w*)/.test(stderr)
  );
}

/** Third-party code runs with this: paths and locale, no token, no .npmrc of the user's, no CI identity. */
function consumerEnvironment({ staging, folder, env }: GateWiring): Record<string, string> {
  const passed = ["PATH", "TMPDIR", "LANG", "LC_ALL", "NODE_EXTRA_CA_CERTS", "SystemRoot"];
  const kept = passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return {
    ...Object.fromEntries(kept),
    HOME: join(folder, "home"),
    CI: "true",
    NO_COLOR: "1",
    npm_config_registry: staging.url,
    npm_config_cache: join(folder, "npm-cache"),
    npm_config_userconfig: join(folder, "home", ".npmrc"),
    npm_config_globalconfig: join(folder, "home", "npmrc"),
    npm_config_fetch_retries: "0",
    npm_config_prefer_online: "false",
  };
}
