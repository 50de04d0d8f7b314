import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { UserError, type PackageName } from "@slipway/kernel";
import type { RegistryAuth, RegistryTarget } from "./npm-settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What npm would know of registries here. Values are secrets: never printed, never stored. */
export interface NpmSettings {
  /** The registry for packages of no scope. */
  readonly registry: string;
  /** Registries by scope, with its `@`. */
  readonly scopes: Readonly<Record<string, string>>;
  /** How a registry is reached. */
  target(url: string): RegistryTarget;
  /** Where a package is published: `publishConfig` first, then its scope, then the default. */
  publishTarget(name: PackageName, publishConfig?: Readonly<Record<string, unknown>>): RegistryTarget;
  /** Environment variables that credentials in the files are taken from. */
  readonly secretVariables: readonly string[];
  /** Tokens and passwords of all registries: for hiding them in what is said. */
  secrets(): readonly string[];
  /** Any other setting, as written. */
  get(key: string): string | undefined;
}

/** Where packages go when nobody says otherwise. */
export const publicRegistry = "https://registry.npmjs.org/";

/**
 * Reads .npmrc as npm does: environment (`npm_config_*`), then the project's, then the user's, then the global one;
 * the first that has a key wins. `${NAME}` stands for an environment variable, `${NAME?}` for one that may be missing.
 */
export function readNpmrc(projectDir: string, env: Environment = process.env): NpmSettings {
  const layers = [environmentLayer(env), ...files(projectDir, env).map((path) => fileLayer(path, env))];
  const get = (key: string): string | undefined => layers.find((layer) => layer.has(key))?.get(key);
  const registry = get("registry") ?? publicRegistry;
  const scopes: Record<string, string> = {};
  for (const layer of layers.toReversed()) {
    for (const [key, value] of layer) {
      const scope = /^(@[^:]+):registry$/.exec(key)?.[1];
      if (scope) scopes[scope] = value;
    }
  }
  const target = (url: string) => targetOf(url, get, env);
  return {
    registry,
    scopes,
    get,
    secrets: () => layers.flatMap(secretsOf),
    secretVariables: files(projectDir, env).flatMap(secretVariablesIn),
    target,
    publishTarget: (name, publishConfig = {}) => {
      const scope = name.startsWith("@") ? name.slice(0, name.indexOf("/")) : "";
      const named = [publishConfig[`${scope}:registry`], publishConfig["registry"], scopes[scope], registry];
      return target(named.find((url) => typeof url === "string") ?? registry);
    },
  };
}

function files(projectDir: string, env: Environment): readonly string[] {
  const user =
    env["npm_config_userconfig"] ?? env["NPM_CONFIG_USERCONFIG"] ?? join(env["HOME"] ?? homedir(), ".npmrc");
  const prefix =
    env["npm_config_prefix"] ??
    env["NPM_CONFIG_PREFIX"] ??
    env["PREFIX"] ??
    dirname(dirname(process.execPath));
  const global =
    env["npm_config_globalconfig"] ?? env["NPM_CONFIG_GLOBALCONFIG"] ?? join(prefix, "etc", "npmrc");
  return [join(projectDir, ".npmrc"), user, global];
}

function environmentLayer(env: Environment): Map<string, string> {
  const layer = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (!/^npm_config_/i.test(name) || value === undefined || value === "") continue;
    const rest = name.slice("npm_config_".length);
    // A nerf-dart key keeps its case and its underscore; others are written with dashes in a file.
    const key =
      rest.startsWith("//") || rest.startsWith("@") ? rest : rest.toLowerCase().replaceAll("_", "-");
    layer.set(key === "-auth" || key === "-authtoken" ? rest : key, value);
  }
  return layer;
}

function fileLayer(path: string, env: Environment): Map<string, string> {
  const layer = new Map<string, string>();
  const text = textOf(path) ?? "";
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const [, rawKey, rawValue] = /^\s*([^;#\s=][^=]*?)\s*(?:=\s*(.*?))?\s*$/.exec(line) ?? [];
    if (rawKey === undefined) continue;
    const key = expanded(unquoted(rawKey), env);
    const value = expanded(unquoted(rawValue ?? "true"), env);
    const at = key.endsWith("[]") ? key.slice(0, -2) : key;
    const before = layer.get(at);
    layer.set(at, key.endsWith("[]") && before !== undefined ? `${before}\n${value}` : value);
  }
  if (layer.has("cafile")) layer.set("cafile", resolve(dirname(path), layer.get("cafile") ?? ""));
  return layer;
}

function secretsOf(layer: ReadonlyMap<string, string>): string[] {
  const entries = [...layer].filter(([key]) => /(^|:)(_auth|_authToken|_password)$/.test(key));
  return entries.map(([, value]) => value).filter(usable);
}

function secretVariablesIn(path: string): string[] {
  const lines = (textOf(path) ?? "").split(/\r?\n/);
  const secret = lines.filter((line) => /^[^=;#]*(_auth|_authToken|_password|username)["']?\s*=/.test(line));
  return secret.flatMap((line) => Array.from(line.matchAll(/\$\{([^{}?]+)\??\}/g), ([, name = ""]) => name));
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function unquoted(text: string): string {
  const inner = /^"(.*)"$|^'(.*)'$/.exec(text);
  return (inner?.[1] ?? inner?.[2] ?? text.replace(/\s[;#].*$/, "")).replaceAll("\\n", "\n");
}

/** A variable that is not set stays as it is written, as npm leaves it. */
function expanded(text: string, env: Environment): string {
  return text.replace(
    /(?<!\\)\$\{([^${}?]+)(\?)?\}/g,
    (whole, name: string, optional: string | undefined) => env[name] ?? (optional ? "" : whole),
  );
}

function targetOf(url: string, get: NpmSettings["get"], env: Environment): RegistryTarget {
  const nerfed = (setting: string): string | undefined => {
    for (const place of places(url)) {
      const value = get(`${place}:${setting}`);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const cafile = nerfed("cafile") ?? get("cafile");
  const silenceMsMax = Number(get("fetch-timeout"));
  const ca = [get("ca"), cafile && certificatesIn(cafile)].filter((pem): pem is string => Boolean(pem));
  return {
    url: url.endsWith("/") ? url : `${url}/`,
    auth: authOf(nerfed, url, get),
    ca,
    strictSsl: get("strict-ssl") !== "false",
    proxy: proxyOf(url, get, env),
    ...(silenceMsMax > 0 ? { silenceMsMax } : {}),
  };
}

function certificatesIn(cafile: string): string {
  try {
    return readFileSync(cafile, "utf8");
  } catch (cause) {
    throw new UserError("config/malformed", `.npmrc names a cafile that cannot be read: ${cafile}`, {
      cause,
    });
  }
}

/** `//host/path/`, then its parents: where npm looks for what belongs to a registry. */
function places(url: string): readonly string[] {
  const { host, pathname } = new URL(url);
  const found: string[] = [];
  for (let path = pathname.replace(/\/?$/, "/"); ; path = path.replace(/[^/]+\/$/, "")) {
    found.push(`//${host}${path}`);
    if (path !== "/") found.push(`//${host}${path.slice(0, -1)}`);
    if (path === "/") return [...found, `//${host}`];
  }
}

function authOf(
  nerfed: (setting: string) => string | undefined,
  url: string,
  get: NpmSettings["get"],
): RegistryAuth | null {
  const token = nerfed("_authToken");
  if (usable(token)) return { kind: "bearer", token };
  const basic = nerfed("_auth");
  if (usable(basic)) return { kind: "basic", credentials: basic };
  const [user, password] = [nerfed("username"), nerfed("_password")];
  if (usable(user) && usable(password)) {
    const plain = `${user}:${Buffer.from(password, "base64").toString("utf8")}`;
    return { kind: "basic", credentials: Buffer.from(plain).toString("base64") };
  }
  // A key without a host: old files have it, and it belongs to the default registry alone.
  const bare = get("_authToken");
  return usable(bare) && new URL(url).host === new URL(get("registry") ?? publicRegistry).host
    ? { kind: "bearer", token: bare }
    : null;
}

/** An unset variable leaves its `${NAME}` behind, which is no credential. */
function usable(value: string | undefined): value is string {
  return value !== undefined && value !== "" && !/\$\{[^}]*\}/.test(value);
}

function proxyOf(url: string, get: NpmSettings["get"], env: Environment): string | null {
  const { protocol, hostname } = new URL(url);
  const fromEnv = (name: string): string | undefined =>
    env[name.toLowerCase()] || env[name.toUpperCase()] || undefined;
  const skip = get("noproxy") ?? get("no-proxy") ?? fromEnv("no_proxy") ?? "";
  if (skip.split(/[\s,]+/).some((entry) => matchesHost(hostname, entry))) return null;
  const proxy =
    protocol === "https:"
      ? (get("https-proxy") ?? get("proxy") ?? fromEnv("https_proxy") ?? fromEnv("proxy"))
      : (get("proxy") ?? get("http-proxy") ?? fromEnv("http_proxy") ?? fromEnv("proxy"));
  if (!proxy || proxy === "null" || proxy === "false") return null;
  return /^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

function matchesHost(hostname: string, entry: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  const wanted = entry
    .replace(/:\d+$/, "")
    .replace(/^\*?\./, "")
    .toLowerCase();
  return hostname === wanted || hostname.endsWith(`.${wanted}`);
}
