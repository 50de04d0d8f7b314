import type { RelativePath } from "@slipway/kernel";

/** TypeScript's memory of what it has written: with it, tsc writes only what changed since. It is nobody's product. */
export function isMemory(path: RelativePath): boolean {
  return /tsbuildinfo(?:\.json)?$/.test(path);
}
