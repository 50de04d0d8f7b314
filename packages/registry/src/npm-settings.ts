/** How a registry is reached: what .npmrc, its environment variables and the proxy variables say of one URL. */
export interface RegistryTarget {
  /** With or without a slash at its end. */
  readonly url: string;
  readonly auth: RegistryAuth | null;
  /** Certificate authorities in PEM, beyond those of Node. */
  readonly ca?: readonly string[];
  /** False: any certificate is good. */
  readonly strictSsl?: boolean;
  /** The proxy for this URL after NO_PROXY, or null. */
  readonly proxy?: string | null;
  /** How long it may be silent before its answer counts as lost; a default when not said. */
  readonly silenceMsMax?: number;
}

export type RegistryAuth =
  | { readonly kind: "bearer"; readonly token: string }
  /** `_auth`: base64 of `user:password`. */
  | { readonly kind: "basic"; readonly credentials: string };
