// The entry of `affected`, bundled into one file of its own: it is asked so often, and answered so soon, that what it does
// not need would be most of what it costs.
import { begin } from "./begin.ts";
import { isAffected, lookForAffected } from "./hot/look-for-affected.ts";

const argv = process.argv.slice(2);

// The word may stand anywhere.
export const begun = isAffected(argv) ? begin(argv, lookForAffected) : void import("./start.ts");
