import type { RelativePath } from "@slipway/kernel";
import type { FileSelector, InputSpec, OutputSpec, TaskNeed } from "../../types.ts";
import { anchored, noInputs } from "../rule.ts";
import type { StructuredInput } from "./task-fields.ts";

export const defaultToken = "$TURBO_DEFAULT$";
const rootToken = "$TURBO_ROOT$/";

/** Files that count whatever globs `inputs` has instead of the default. */
const always = ["package.json", "turbo.json", "turbo.jsonc"];

export interface InputContext {
  /** Globs of `global.inputs`, which stand before each task's own. */
  readonly globalInputs: readonly string[];
  /** Reads one entry of `dependencyOutputs.from`, as in dependsOn. */
  needOf(text: string): TaskNeed;
}

/**
 * turbo's `inputs` of one package. None: all files that git does not ignore. Some: these globs, whether git ignores
 * what they match or not, and `$TURBO_DEFAULT$` adds the former. What `!` names is left out of both.
 */
export function turboInputs(
  dir: RelativePath,
  inputs: readonly (string | StructuredInput)[],
  context: InputContext,
): InputSpec {
  const structured = inputs.filter((each) => typeof each !== "string");
  const early = inputs.flatMap((each) =>
    typeof each === "string" ? [each] : each.mode === "startup" ? globsOf(each) : [],
  );
  const jit = structured.filter((each) => each.mode === "jit").flatMap(globsOf);
  // Only late inputs: nothing else counts.
  const usual = early.length > 0 || structured.length > 0 ? early : [defaultToken];
  const files = [
    ...selectors(dir, [...context.globalInputs.map(fromRoot), ...usual]),
    ...selectors(dir, jit).map((each): FileSelector => ({ ...each, when: "late" })),
  ];
  return { ...noInputs, files, dependencyOutputs: dependencyOutputs(structured, context) };
}

export function turboOutputs(dir: RelativePath, outputs: readonly string[]): OutputSpec {
  const include = outputs.filter((glob) => !glob.startsWith("!"));
  const exclude = outputs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  return {
    include: include.flatMap((glob) => withContents(dir, glob)),
    exclude: exclude.flatMap((glob) => withContents(dir, glob)),
  };
}

export function leavesRepository(dir: RelativePath, output: string): boolean {
  return !output.startsWith("!") && rootRelative(dir, output) === null;
}

function globsOf({ globs, withDefaults }: StructuredInput): readonly string[] {
  return withDefaults === true ? [defaultToken, ...globs] : globs;
}

function selectors(dir: RelativePath, globs: readonly string[]): readonly FileSelector[] {
  const negated = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const named = globs.filter((glob) => !glob.startsWith("!") && glob !== defaultToken);
  const made: FileSelector[] = [];
  if (globs.includes(defaultToken)) {
    // Here a negation takes away the files that it matches, not what lies in a directory that it matches.
    const exclude = negated.flatMap((glob) => rootRelative(dir, glob) ?? []);
    made.push({ include: [anchored(dir, "**")], exclude, ignored: "respect" });
  } else if (globs.length > 0) {
    // A file that is named outright counts, negated or not.
    const outright =
      negated.length === 0 ? [] : named.filter(isFileName).flatMap((glob) => rootRelative(dir, glob) ?? []);
    const include = [...always.map((file) => anchored(dir, file)), ...outright];
    made.push({ include, exclude: [], ignored: "include" });
  }
  if (named.length > 0) {
    const include = named.flatMap((glob) =>
      isLiteral(glob) ? withContents(dir, glob) : (rootRelative(dir, glob) ?? []),
    );
    const exclude = negated.flatMap((glob) => withContents(dir, glob));
    made.push({ include, exclude, ignored: "include" });
  }
  return made;
}

function isFileName(glob: string): boolean {
  return isLiteral(glob) && /\.[^./]+$/.test(glob);
}

/** Only a name without wildcards may be a directory whose contents are meant. */
function isLiteral(glob: string): boolean {
  return !/[*?[\]{}<>]/.test(glob);
}

function dependencyOutputs(
  structured: readonly StructuredInput[],
  context: InputContext,
): InputSpec["dependencyOutputs"] {
  return structured
    .filter((each) => each.mode === "dependencyOutputs")
    .map((each) => ({
      globs: each.globs.map(inAnyPackage),
      transitive: false,
      from: each.from?.map((text) => context.needOf(text)) ?? null,
    }));
}

/** The globs are relative to each package that is depended on. */
function inAnyPackage(glob: string): string {
  if (glob.startsWith("!")) return `!${inAnyPackage(glob.slice(1))}`;
  return glob.startsWith(rootToken) ? glob.slice(rootToken.length) : `**/${glob}`;
}

function fromRoot(glob: string): string {
  return glob.startsWith("!") ? `!${rootToken}${glob.slice(1)}` : `${rootToken}${glob}`;
}

/** What matches, and all that is in it where it is a directory. */
function withContents(dir: RelativePath, glob: string): readonly string[] {
  const rooted = rootRelative(dir, glob);
  if (rooted === null) return [];
  if (rooted.endsWith("**")) return [rooted];
  return rooted.endsWith("/") ? [`${rooted}**`] : [rooted, `${rooted}/**`];
}

function rootRelative(dir: RelativePath, glob: string): string | null {
  if (glob.startsWith(rootToken)) return normalized(glob.slice(rootToken.length));
  return normalized(anchored(dir, glob));
}

/** As the files below the root are called; a slash behind `**` says nothing more. Null when it leaves the repository. */
export function normalized(written: string): string | null {
  const glob = written.endsWith("**/") ? written.slice(0, -1) : written;
  if (!/(^|\/)\.{1,2}(\/|$)|\/\//.test(glob)) return glob;
  const parts: string[] = [];
  for (const part of glob.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return null;
    } else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
