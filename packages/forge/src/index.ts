export { findForge, openForge } from "./open-forge.ts";
export { needsToken, type ClientOptions } from "./forge-client.ts";
export type {
  BranchCommit,
  BranchFile,
  Branches,
  ChangeRequest,
  Forge,
  ForgeComment,
  ForgeReleaseDraft,
  ForgeTarget,
  ForgeTransport,
  ForkHead,
  RequestText,
} from "./types.ts";
