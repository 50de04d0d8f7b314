import type { ModeReason, ReleaseMode } from "./types.ts";

/** What one registry of a batch can be written to with. */
export interface CredentialOffer {
  readonly registry: string;
  /** A token or password of the settings: may do whatever its account may. */
  readonly token: boolean;
  /** The identity of a CI job, which trusted publishing takes: may upload and stage, nothing else. */
  readonly identity: boolean;
}

export interface ChosenMode {
  readonly mode: ReleaseMode;
  readonly because: ModeReason;
}

/** Moving dist-tags takes a token: where one registry has none, the batch is uploaded under its final tags. */
export function chooseMode(asked: ReleaseMode | null, offers: readonly CredentialOffer[]): ChosenMode {
  if (asked !== null) return { mode: asked, because: "asked" };
  const identityAlone = offers.some(({ token, identity }) => identity && !token);
  return identityAlone ? { mode: "direct", because: "identity-alone" } : { mode: "tag", because: "tokens" };
}
