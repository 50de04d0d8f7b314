import type { Finding, GateName, Verdict } from "@slipway/gates";

/** What a gate found, in words. The last published version's own faults say so. */
export function findingText(finding: Finding): string {
  const text = wordings[finding.code]?.(finding.args) ?? generic(finding);
  return finding.known ? `${text} (the version that users have now has this too)` : text;
}

export function verdictTexts(verdict: Verdict): string[] {
  switch (verdict.outcome) {
    case "pass":
      return [];
    case "skipped":
      return [verdict.because];
    case "warn":
    case "fail":
      return verdict.findings.map(findingText);
  }
}

/** What a gate asks, as a maintainer would. */
export const gateTitles: Readonly<Record<GateName, string>> = {
  "manifest-complete": "manifest complete",
  "no-workspace-ranges": "no local ranges left",
  publint: "publint",
  "exports-resolve": "exports resolve",
  "digest-as-served": "served as sealed",
  "clean-install": "clean install",
  "entries-load": "entries load",
  "bins-start": "bins start",
};

type Args = Readonly<Record<string, string>>;

const wordings: Readonly<Record<string, (args: Args) => string>> = {
  "not-served": () => "the registry does not serve it",
  "other-bytes": ({ sealed, served }) =>
    `the registry serves other bytes (${served}) than were sealed (${sealed})`,
  "name-differs": ({ packed }) => `the packed manifest has the name ${packed}`,
  "version-differs": ({ packed }) => `the packed manifest has the version ${packed}`,
  private: () => "the packed manifest says private",
  "no-manifest": () => "there is no package.json in the tarball",
  "field-missing": ({ field }) => `the manifest has no "${field}"`,
  "nothing-inside": () => "the tarball has nothing but the manifest in it: was it built?",
  "bin-missing": ({ bin, target }) => `bin ${bin} points at ${target}, which is not in the tarball`,
  "bin-keeps-running": ({ bin }) => `bin ${bin} does not end on --help or --version`,
  "bin-crashed": ({ bin, message }) => `bin ${bin} does not start: ${oneLine(message)}`,
  "target-missing": ({ entry, conditions, target }) =>
    `${entry}${when(conditions)} points at ${target}, which is not in the tarball`,
  "pattern-matches-nothing": ({ entry, conditions, target }) =>
    `${entry}${when(conditions)} has the pattern ${target}, which no file in the tarball matches`,
  "local-range": ({ kind, dependency, range }) =>
    `${kind}.${dependency} is "${range}", which no user can install`,
  "no-entry": () => "it has no entry that Node could load",
  "install-failed": ({ message }) => `npm cannot install it into an empty folder: ${oneLine(message)}`,
  "optional-missing": ({ entry, missing }) => `${entry} needs the optional peer ${missing}`,
  "dependency-broken": ({ entry, missing }) => `${entry} fails inside the dependency ${missing}`,
  "dependency-missing": ({ entry, missing }) => `${entry} needs ${missing}, which is no dependency of it`,
  "needs-browser": ({ entry, global }) => `${entry} needs a browser (${global})`,
  "needs-bundler": ({ entry, message }) => `${entry} needs a bundler: ${oneLine(message)}`,
  "other-node": ({ wanted, here }) => `it needs Node ${wanted}, and here is ${here}`,
  "ends-process": ({ entry }) =>
    `${entry} is a program: it ends the process that loads it, or never gives it back`,
  "load-failed": ({ entry, error, message }) => `${entry} does not load: ${error}: ${oneLine(message)}`,
};

function when(conditions: string | undefined): string {
  return conditions ? ` (${conditions})` : "";
}

function generic({ code, args }: Finding): string {
  const { message, ...rest } = args;
  const facts = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return message === undefined ? [code, ...facts].join(", ") : oneLine(message);
}

const MESSAGE_LENGTH_MAX = 300;

function oneLine(message: string | undefined): string {
  const text = (message ?? "").replaceAll(/\s+/g, " ").trim();
  return text.length > MESSAGE_LENGTH_MAX ? `${text.slice(0, MESSAGE_LENGTH_MAX)}…` : text;
}
