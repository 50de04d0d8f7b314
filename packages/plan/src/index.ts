export type * from "./run/types.ts";
