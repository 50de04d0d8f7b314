import { binsStart } from "./gates/bins-start.ts";
import { cleanInstall } from "./gates/clean-install.ts";
import { digestAsServed } from "./gates/digest-as-served.ts";
import { entriesLoad } from "./gates/entries-load.ts";
import { exportsResolve } from "./gates/exports-resolve.ts";
import { manifestComplete } from "./gates/manifest-complete.ts";
import { noWorkspaceRanges } from "./gates/no-workspace-ranges.ts";
import { publintGate } from "./gates/publint.ts";
import type { Gate } from "./types.ts";

/** In the order in which they are run and shown: those that only read come first. */
export const allGates: readonly Gate[] = [
  manifestComplete,
  noWorkspaceRanges,
  publintGate,
  exportsResolve,
  digestAsServed,
  cleanInstall,
  entriesLoad,
  binsStart,
];
