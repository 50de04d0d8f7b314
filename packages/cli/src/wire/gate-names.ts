import { allGates } from "@slipway/gates";

/** In the order in which they judge. */
export const gateNames: readonly string[] = allGates.map(({ name }) => name);
