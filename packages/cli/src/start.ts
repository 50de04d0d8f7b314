// The entry of all commands but `affected`, bundled into one file of its own.
import { begin } from "./begin.ts";
import { lookEarly } from "./hot/look-early.ts";

export const begun = begin(process.argv.slice(2), lookEarly);
