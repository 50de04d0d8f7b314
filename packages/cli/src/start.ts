// The entry of all commands but `affected`, bundled into one file of its own.
import { begin } from "./begin.ts";
import { lookEarly } from "./hot/look-early.ts";

void begin(process.argv.slice(2), lookEarly);
