import { deleteTag, getTags, putTag } from "./dist-tags.ts";
import type { Endpoint } from "./endpoint.ts";
import { json } from "./reply.ts";
import { putPackage, stagePackage } from "./publish.ts";
import { getPackage, getTarball, getVersion, logIn, ping, whoami } from "./read.ts";
import { bulkAdvisories, exchangeToken, getAttestations, getKeys, type SigningKey } from "./security.ts";
import { approveStaged, getStaged, getStagedTarball, listStaged, rejectStaged } from "./stage.ts";

/** Every route by the name that faults and counts use. The first that matches is taken. */
export const routeNames = [
  "GET /-/ping",
  "GET /-/whoami",
  "PUT /-/user/:user",
  "GET /-/npm/v1/keys",
  "GET /-/npm/v1/attestations/:spec",
  "POST /-/npm/v1/oidc/token/exchange/package/:name",
  "POST /-/npm/v1/security/advisories/bulk",
  "GET /-/package/:name/dist-tags",
  "PUT /-/package/:name/dist-tags/:tag",
  "POST /-/package/:name/dist-tags/:tag",
  "DELETE /-/package/:name/dist-tags/:tag",
  "GET /-/package/:name/visibility",
  "POST /-/stage/package/:name",
  "GET /-/stage",
  "GET /-/stage/:id",
  "GET /-/stage/:id/tarball",
  "POST /-/stage/:id/approve",
  "DELETE /-/stage/:id",
  "GET /:name/-/:file",
  "GET /:name/:version",
  "GET /:name",
  "PUT /:name",
] as const;

export type RouteName = (typeof routeNames)[number];

export interface Match {
  readonly route: RouteName;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Which route a request takes; `null` is a 404. A scope may come with its slash escaped or not. */
export function matchRoute(method: string, pathname: string): Match | null {
  const segments = segmentsOf(pathname);
  for (const route of routeNames) {
    const [verb = "", path = ""] = route.split(" ");
    if (verb !== method && !(verb === "GET" && method === "HEAD")) continue;
    const parameters = matchPath(path.slice(1).split("/"), segments);
    if (parameters) return { route, parameters };
  }
  return null;
}

export function endpointsOf(
  key: SigningKey,
  trusted: ReadonlyMap<string, string>,
): Readonly<Record<RouteName, Endpoint>> {
  return {
    "GET /-/ping": ping,
    "GET /-/whoami": whoami,
    "PUT /-/user/:user": logIn,
    "GET /-/npm/v1/keys": getKeys(key),
    "GET /-/npm/v1/attestations/:spec": getAttestations,
    "POST /-/npm/v1/oidc/token/exchange/package/:name": exchangeToken(trusted),
    "POST /-/npm/v1/security/advisories/bulk": bulkAdvisories,
    "GET /-/package/:name/dist-tags": getTags,
    "PUT /-/package/:name/dist-tags/:tag": putTag,
    "POST /-/package/:name/dist-tags/:tag": putTag,
    "DELETE /-/package/:name/dist-tags/:tag": deleteTag,
    "GET /-/package/:name/visibility": () => json(200, { public: true }),
    "POST /-/stage/package/:name": stagePackage,
    "GET /-/stage": listStaged,
    "GET /-/stage/:id": getStaged,
    "GET /-/stage/:id/tarball": getStagedTarball,
    "POST /-/stage/:id/approve": approveStaged,
    "DELETE /-/stage/:id": rejectStaged,
    "GET /:name/-/:file": getTarball,
    "GET /:name/:version": getVersion,
    "GET /:name": getPackage,
    "PUT /:name": putPackage,
  };
}

function segmentsOf(pathname: string): readonly string[] {
  const segments: string[] = [];
  for (const raw of pathname.split("/").filter((segment) => segment !== "")) {
    const segment = decoded(raw);
    const last = segments.at(-1);
    if (last !== undefined && /^@[^/]+$/.test(last)) segments[segments.length - 1] = `${last}/${segment}`;
    else segments.push(segment);
  }
  return segments;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (part.startsWith(":")) {
      // `-` begins what is no package.
      if (part === ":name" && segment === "-") return null;
      parameters[part.slice(1)] = segment;
    } else if (part !== segment) return null;
  }
  return parameters;
}
