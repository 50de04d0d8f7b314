import { isRecord } from "@slipway/kernel";
import { syntaxFault } from "./glob-syntax.ts";
import { flag, text, type FieldShape, type TaskFields } from "./task-fields.ts";

export interface Fault {
  readonly message: string;
  readonly hint?: string;
}

const object: FieldShape = { is: "an object", accepts: isRecord };

/** Keys of the root file beside its tasks and lists; turbo refuses other values, whether they matter here or not. */
export const rootShapes: Readonly<Record<string, FieldShape>> = {
  concurrency: {
    is: 'a number from 1, or a percentage like "50%"',
    accepts: (value) => /^[1-9]\d*%?$/.test(typeof value === "number" ? String(value) : plain(value)),
  },
  envMode: { is: '"strict" or "loose"', accepts: (value) => value === "strict" || value === "loose" },
  ui: { is: '"tui" or "stream"', accepts: (value) => value === "tui" || value === "stream" },
  daemon: flag,
  noUpdateNotifier: flag,
  dangerouslyDisablePackageManagerCheck: flag,
  cacheDir: text,
  remoteCache: object,
  boundaries: object,
  futureFlags: object,
};

/** turbo's switches for what a later version does by itself. */
export const futureFlags: ReadonlySet<string> = new Set([
  "affectedUsingTaskInputs", "errorsOnlyShowHash", "experimentalObservability", "experimentalTaskCommand",
  "filterUsingTasks", "githubActionsRemoteBaseRefFallback", "globalConfiguration", "hashFilePermissions",
  "longerSignatureKey", "nonRootExtends", "pruneIncludesGlobalFiles", "strictTaskEntrypointSelection",
  "turboExtendsKeyword", "watchUsingTaskInputs",
]); // prettier-ignore

const globKeys = new Set(["inputs", "outputs", "globalDependencies"]);
const nameKeys = new Set(["env", "passThroughEnv", "globalEnv", "globalPassThroughEnv"]);

/** What turbo refuses in a list that has the right shape; `where` is what messages call it. */
export function listFault(key: string, values: unknown, where: string): Fault | null {
  for (const value of Array.isArray(values) ? values : []) {
    const found = typeof value === "string" ? entryFault(key, value, where) : null;
    if (found) return found;
  }
  return null;
}

function entryFault(key: string, value: string, where: string): Fault | null {
  const bare = value.replace(/^!/, "");
  if (bare.startsWith("$") && !bare.startsWith("$TURBO_")) {
    const name = bare.slice(1);
    if (nameKeys.has(key))
      return { message: `"${value}" begins with "$" in ${where}`, hint: `Write "${name}".` };
    if (key === "dependsOn" || key === "globalDependencies") {
      const hint = `Name it under "${key === "dependsOn" ? "env" : "globalEnv"}": "${name}".`;
      return { message: `"${value}" is an environment variable in ${where}`, hint };
    }
  }
  if (!globKeys.has(key)) return null;
  if (/^(?:\/|[A-Za-z]:[\\/])/.test(bare)) return { message: `"${value}" is an absolute path in ${where}` };
  if (bare.includes("$TURBO_ROOT$") && !bare.startsWith("$TURBO_ROOT$/")) {
    return { message: `"$TURBO_ROOT$/" must start "${value}" in ${where}` };
  }
  return null;
}

/** Globs that turbo cannot read, of which it tells when it uses them. */
export function unreadableGlob(globs: readonly unknown[], where: string): Fault | null {
  for (const glob of globs) {
    const bare = typeof glob === "string" ? glob.replace(/^!/, "").replaceAll(/\$TURBO_\w+\$/g, "x") : "";
    const because = syntaxFault(bare);
    if (because === null) continue;
    const hint = "A sign of globs that is meant as such has a backslash before it; in JSON that is two.";
    return { message: `"${String(glob)}" in ${where} cannot be read as a glob: ${because}`, hint };
  }
  return null;
}

/** What fields of a task cannot be together. `interruptible` without `persistent` can: `--watch` heeds it. */
export function togetherFault({ cache, interactive }: TaskFields): (Fault & { readonly key: string }) | null {
  if (interactive !== true || cache === false) return null;
  const message = "is interactive, and its results are cached";
  return { key: "interactive", message, hint: `Add "cache": false.` };
}

/** How to write a value of the wrong kind, where that is plain to see. */
export function rewritten(shape: FieldShape, value: unknown): string | undefined {
  if (shape.is === "true or false" && (value === "true" || value === "false"))
    return `Write ${value} without quotes.`;
  return shape.is === "a list of strings" && typeof value === "string"
    ? `Write [${JSON.stringify(value)}].`
    : undefined;
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : "";
}
