export type { ClientOptions } from "./connection.ts";
export { bringVerdaccio, fetchVerdaccio, type VerdaccioSource } from "./bring-verdaccio.ts";
export { answerOf, retryAfter, retryAfterCapMs, type WriteAnswer } from "./answer.ts";
export {
  HttpFailure,
  networkTransport,
  type HttpRequest,
  type HttpResponse,
  type Transport,
} from "./http.ts";
export type { RegistryAuth, RegistryTarget } from "./npm-settings.ts";
export { packPackage } from "./pack-package.ts";
export type { PackedTarball, PackRequest, PackStyle, WorkspaceRanges } from "./packed.ts";
export { publishDocument, type PublishRequest } from "./publish-document.ts";
export { publishedManifest, type ManifestSource } from "./published-manifest.ts";
export {
  registryClient,
  type PackageView,
  type RegistryClient,
  type VersionView,
} from "./registry-client.ts";
export { gzip, readTar, readTarball, writeTar, type TarEntry } from "./tar.ts";
export {
  startVerdaccio,
  userCacheDir,
  type EmbeddedRegistry,
  type VerdaccioOptions,
} from "./start-verdaccio.ts";
export { publicRegistry, readNpmrc, type NpmSettings } from "./read-npmrc.ts";
export { openUplinkLens, type LensOptions, type UplinkLens } from "./uplink-lens.ts";
export { stagingClient, type StageAnswer, type StagedView, type StagingClient } from "./staging-client.ts";
export {
  exchangeIdentity,
  identityOf,
  missingIdentity,
  offeredIdentity,
  registryAudience,
  type Audience,
  type Exchange,
  type Identity,
  type IdentityProvider,
} from "./identity.ts";
export {
  trustedPublishing,
  type TrustedPublishing,
  type TrustedPublishingOptions,
} from "./trusted-publishing.ts";
export { provenanceStatement, type ProvenanceSubject } from "./provenance-statement.ts";
export { signProvenance, type SigningServices } from "./sign-provenance.ts";
