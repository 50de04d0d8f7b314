import type { Reply } from "./reply.ts";
import type { Rights } from "./rights.ts";
import type { RegistryStore } from "./store.ts";

/** What an endpoint gets to see of a request. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** The parts of the path that the route names, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** This registry's own address, with a slash at its end. */
  readonly baseUrl: string;
  readonly nowMs: number;
  readonly store: RegistryStore;
  readonly rights: Rights;
}

/** Looks at the store and changes it, at once and in one go. */
export type Endpoint = (call: Call) => Reply;

/** The body as a JSON value; undefined when it is none. */
export function parsed(call: Call): unknown {
  try {
    return JSON.parse(Buffer.from(call.body).toString("utf8"));
  } catch {
    return undefined;
  }
}
