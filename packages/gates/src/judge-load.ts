import { isRecord } from "@slipway/kernel";
import { entryTargets, isPackedLoosely } from "./entry-points.ts";
import type { LoadableEntry } from "./loadable-entries.ts";
import type { Finding, GateSubject } from "./types.ts";

export interface Loaded {
  readonly entry: LoadableEntry;
  readonly ok: boolean;
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly stack?: string;
}

/** What browsers and other hosts have and Node has not. */
const hostGlobals = new Set(
  (
    "window document self location history localStorage sessionStorage indexedDB customElements HTMLElement Element Node " +
    "Document DocumentFragment ShadowRoot SVGElement XMLHttpRequest requestAnimationFrame matchMedia getComputedStyle " +
    "MutationObserver ResizeObserver IntersectionObserver CSSStyleSheet navigator Image Audio Worker importScripts " +
    "chrome browser Deno Bun caches"
  ).split(" "),
);

/** The consumer's folder is another one each time, and means nothing to a reader. */
function withoutFolders(message: string): string {
  return message.replaceAll(/(?:file:\/\/)?\/[^\s'"]*?\/(node_modules\/)/g, "$1");
}

/** Null when all is well. What only lacks its host, or a peer that is optional, is a remark. */
export function judgeLoad(
  loaded: Loaded,
  subject: GateSubject,
): { readonly isFault: boolean; readonly finding: Finding } | null {
  if (loaded.ok) return null;
  const { specifier, how } = loaded.entry;
  const { name = "", code = "" } = loaded;
  const message = withoutFolders(loaded.message ?? "");
  const about = { entry: specifier, how };
  // A program (some packages' main entry is their command) ends by itself; a crash leaves a stack behind.
  if (code === "TIMED_OUT" || (code === "ENDED" && !/^\s+at /m.test(loaded.message ?? ""))) {
    return { isFault: false, finding: { code: "ends-process", args: { ...about, message } } };
  }
  const missing = missingPackage(loaded.message ?? "");
  if (missing !== null) {
    const args = { ...about, missing, message };
    if (isOptional(subject, missing)) return { isFault: false, finding: { code: "optional-missing", args } };
    if (!isAskedByItself(loaded, subject))
      return { isFault: false, finding: { code: "dependency-broken", args } };
    return { isFault: true, finding: { code: "dependency-missing", args } };
  }
  const global = /^(\w+) is not defined/.exec(message)?.[1];
  if (name === "ReferenceError" && global !== undefined && hostGlobals.has(global)) {
    return { isFault: false, finding: { code: "needs-browser", args: { ...about, global } } };
  }
  if (isForBundlers(code, message) || isCompletedByItsCompiler(code, message, subject)) {
    return { isFault: false, finding: { code: "needs-bundler", args: { ...about, message } } };
  }
  const thrower = throwingPackage(loaded.stack ?? "");
  if (thrower !== null && thrower !== subject.name) {
    const args = { ...about, missing: thrower, message };
    return { isFault: false, finding: { code: "dependency-broken", args } };
  }
  return {
    isFault: true,
    finding: { code: "load-failed", args: { ...about, error: code || name, message } },
  };
}

/** The package in whose code an error was made: the nearest frame that is in a package at all. */
function throwingPackage(stack: string): string | null {
  const frame = stack.split("\n").find((line) => /^\s+at .*\/node_modules\//.test(line));
  const path = frame?.slice(frame.lastIndexOf("/node_modules/") + "/node_modules/".length) ?? "";
  return /^(@[^/]+\/[^/]+|[^/@]+)\//.exec(path)?.[1] ?? null;
}

/** Other kinds of files, and paths into other packages that only bundlers complete with an extension. */
function isForBundlers(code: string, message: string): boolean {
  return (
    code === "ERR_UNKNOWN_FILE_EXTENSION" ||
    /Unknown file extension/.test(message) ||
    (code === "ERR_MODULE_NOT_FOUND" && /Did you mean to import ["'][^."'/]/.test(message))
  );
}

/**
 * A path without its extension, in a package that says it is compiled by its users' bundler: that completes it. Elsewhere it
 * is what breaks a package under Node.
 */
function isCompletedByItsCompiler(code: string, message: string, subject: GateSubject): boolean {
  if (code !== "ERR_MODULE_NOT_FOUND") return false;
  const isCompiled =
    "svelte" in subject.manifest ||
    entryTargets(subject.manifest).some(({ conditions }) => conditions.some((each) => compilers.has(each)));
  const wanted = /^Cannot find module '[^']*node_modules\/([^']+)'/.exec(message)?.[1] ?? "";
  if (!isCompiled || !wanted.startsWith(`${subject.name}/`)) return false;
  return isPackedLoosely(wanted.slice(subject.name.length + 1), new Set(subject.files.paths));
}

const compilers = new Set(["svelte", "solid", "react-native"]);

/** The package that a resolver did not find; null when the error is another one, or names a file. */
function missingPackage(message: string): string | null {
  const specifier =
    /Cannot find package '([^']+)'/.exec(message)?.[1] ??
    /Cannot find module '([^'./][^']*)'/.exec(message)?.[1];
  if (specifier === undefined || specifier.startsWith("/")) return null;
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? null);
}

function isOptional({ manifest }: GateSubject, dependency: string): boolean {
  const meta = manifest["peerDependenciesMeta"];
  const peer = isRecord(meta) ? meta[dependency] : undefined;
  if (isRecord(peer) && peer["optional"] === true) return true;
  const optional = manifest["optionalDependencies"];
  return isRecord(optional) && dependency in optional;
}

/** True unless the resolver says that a file of another package asked. */
function isAskedByItself({ message = "" }: Loaded, { name }: GateSubject): boolean {
  const importer =
    /imported from (\S+)/.exec(message)?.[1] ?? /Require stack:\s*-\s*(\S+)/.exec(message)?.[1];
  const inside = importer?.lastIndexOf("node_modules/") ?? -1;
  return (
    importer === undefined || inside === -1 || importer.slice(inside).startsWith(`node_modules/${name}/`)
  );
}
