import { isRecord } from "@slipway/kernel";
import type { RegistryTarget } from "./npm-settings.ts";

/** What a configuration file cannot know. */
export interface VerdaccioPlaces {
  /** Absolute. */
  readonly storage: string;
  readonly uplink: RegistryTarget | null;
  /** By scope, with its `@`. */
  readonly scopes: Readonly<Record<string, RegistryTarget>>;
  /** Packages that are only what is published here: never read through. */
  readonly own: readonly string[];
}

/**
 * A configuration with its places filled in. The file's uplink `upstream` says how to read through (timeouts, cache),
 * its package `**` who may do what; each scope with a registry of its own gets a copy of both.
 */
export function verdaccioConfig(
  file: Readonly<Record<string, unknown>>,
  places: VerdaccioPlaces,
): Record<string, unknown> {
  const pattern = record(record(file["uplinks"])["upstream"]);
  const { proxy: _, ...everybody } = record(record(file["packages"])["**"]);
  const uplinks: Record<string, unknown> = {};
  const packages: Record<string, unknown> = Object.fromEntries(places.own.map((name) => [name, everybody]));
  for (const [scope, target] of Object.entries(places.scopes)) {
    const name = `scope-${scope.replace(/^@/, "")}`;
    uplinks[name] = { ...pattern, ...uplinkOf(target) };
    packages[`${scope}/*`] = { ...everybody, proxy: name };
  }
  if (places.uplink) uplinks["upstream"] = { ...pattern, ...uplinkOf(places.uplink) };
  packages["**"] = places.uplink ? { ...everybody, proxy: "upstream" } : everybody;
  const auth = { ...record(file["auth"]), htpasswd: { file: `${places.storage}/htpasswd` } };
  return { ...file, storage: places.storage, auth, uplinks, packages };
}

function uplinkOf(target: RegistryTarget): Record<string, unknown> {
  const { auth, ca, proxy, strictSsl } = target;
  return {
    url: target.url,
    ...(auth
      ? { auth: { type: auth.kind, token: auth.kind === "bearer" ? auth.token : auth.credentials } }
      : {}),
    ...(ca && ca.length > 0 ? { ca: ca.join("\n") } : {}),
    ...(proxy ? { [target.url.startsWith("https:") ? "https_proxy" : "http_proxy"]: proxy } : {}),
    strict_ssl: strictSsl !== false,
  };
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
