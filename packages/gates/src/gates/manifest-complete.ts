import { valid } from "semver";
import type { Finding, Gate } from "../types.ts";

/** What every published manifest needs, and what its users will look for. */
export const manifestComplete: Gate = {
  name: "manifest-complete",
  consumes: false,
  check: ({ name, version, manifest, files }) => {
    const faults: Finding[] = [];
    if (manifest["name"] !== name) {
      faults.push({ code: "name-differs", args: { packed: String(manifest["name"]) } });
    }
    if (manifest["version"] !== version || valid(version) === null) {
      faults.push({ code: "version-differs", args: { packed: String(manifest["version"]) } });
    }
    if (manifest["private"] === true) faults.push({ code: "private", args: {} });
    if (!files.paths.includes("package.json")) faults.push({ code: "no-manifest", args: {} });
    const remarks = ["license", "repository", "description"]
      .filter((field) => !manifest[field])
      .map((field): Finding => ({ code: "field-missing", args: { field } }));
    if (
      files.paths.every(
        (path) => !path.includes("/") && /^(package\.json|readme|licen[cs]e|changelog)/i.test(path),
      )
    ) {
      remarks.push({ code: "nothing-inside", args: {} });
    }
    return Promise.resolve({ faults, remarks });
  },
};
