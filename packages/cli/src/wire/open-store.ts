import { HttpCache, LocalStore, SharedStore, type LocalStoreOptions } from "@slipway/host";
import { UserError } from "@slipway/kernel";
import type { RunEvent, RunPorts } from "@slipway/run";

/** What may be read and written where. */
export type CacheRules = Readonly<
  Record<"local" | "remote", { readonly read: boolean; readonly write: boolean }>
>;

type Environment = Readonly<Record<string, string | undefined>>;

interface Opening {
  readonly env: Environment;
  readonly access?: CacheRules;
  readonly report: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

/**
 * The address of the cache that machines share; null where none is named.
 *
 * @throws UserError when it is no address
 */
export function sharedCacheOf(env: Environment): URL | null {
  const text = env["SLIPWAY_REMOTE_CACHE"];
  if (!text) return null;
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new UserError("cli/bad-argument", `SLIPWAY_REMOTE_CACHE is no http(s) address: "${text}"`, {
    hint: "it takes one such as https://cache.example.com/slipway",
  });
}

/** A token, or the name and password that stand in the address. */
function authorizationOf(url: URL, token: string | undefined): string | null {
  if (token) return `Bearer ${token}`;
  if (url.username === "" && url.password === "") return null;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

/** Long enough for a server at the other end of the world, short enough not to be felt once a run. */
const silenceMsMax = 5000;

/** The store of this machine, with the shared one behind it where there is one and the rules let it be used. */
export function openStore(
  local: LocalStoreOptions,
  { env, access, report, signal }: Opening,
): RunPorts["store"] {
  const url = sharedCacheOf(env);
  if (url === null || !access || (!access.remote.read && !access.remote.write)) return new LocalStore(local);
  const authorization = authorizationOf(url, env["SLIPWAY_REMOTE_CACHE_TOKEN"]);
  const address = `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  const options = { url: address, authorization, silenceMsMax, ...(signal ? { signal } : {}) };
  const server = new HttpCache(options, (message) =>
    report({ type: "notice", code: "cache/unreachable", message }),
  );
  return new SharedStore(local, { server, ...access });
}
