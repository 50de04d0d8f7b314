import { readFileSync } from "node:fs";

// One folder below the manifest, from src as from dist.
const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");

export const version: string = (JSON.parse(text) as { readonly version: string }).version;
