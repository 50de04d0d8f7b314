import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A file that Slipway carries: beside the bundle when it is installed, further up in its own repository. Throws when
 * it is not there, which is a fault of the package.
 */
export function ownFile(path: string): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (const up of ["", "..", "../..", "../../.."]) {
    const candidate = join(start, up, path);
    if (existsSync(candidate)) return candidate;
  }
  throw new Error(`${path} is missing from this installation`);
}
