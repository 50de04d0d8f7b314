import { createRequire } from "node:module";

// One folder below the manifest, from src as from dist.
const manifest = createRequire(import.meta.url)("../package.json") as { readonly version: string };

export const version: string = manifest.version;
