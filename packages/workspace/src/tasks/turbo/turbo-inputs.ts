import type { RelativePath } from "@slipway/kernel";
import type { FileSelector, InputSpec, OutputSpec, TaskNeed } from "../../types.ts";
import { anchored, noInputs } from "../rule.ts";
import type { StructuredInput } from "./task-fields.ts";

const defaultToken = "$TURBO_DEFAULT$";
const rootToken = "$TURBO_ROOT$/";

/** Files that always count, whatever `inputs` says. */
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
  const { globalInputs } = context;
  const globs = inputs.filter((each) => typeof each === "string");
  const structured = inputs.filter((each) => typeof each !== "string");
  const listed =
    globs.length > 0
      ? globs
      : structured.length > 0 && structured.every((each) => each.withDefaults === false)
        ? []
        : [defaultToken];
  const all = [...globalInputs.map(fromRoot), ...listed];
  const exclude = all.filter((glob) => glob.startsWith("!")).flatMap((glob) => excluding(dir, glob.slice(1)));
  const include = all
    .filter((glob) => !glob.startsWith("!") && glob !== defaultToken)
    .flatMap((glob) => including(dir, glob));
  const files: FileSelector[] = [
    { include: always.map((file) => anchored(dir, file)), exclude: [], ignored: "include" },
  ];
  if (all.includes(defaultToken)) files.push({ include: [anchored(dir, "**")], exclude, ignored: "respect" });
  if (include.length > 0) files.push({ include, exclude, ignored: "include" });
  const jit = structured.filter((each) => each.mode === "jit").flatMap((each) => each.globs);
  if (jit.length > 0) files.push(late(dir, jit));
  return { ...noInputs, files, dependencyOutputs: dependencyOutputs(structured, context) };
}

export function turboOutputs(dir: RelativePath, outputs: readonly string[]): OutputSpec {
  return {
    include: outputs.filter((glob) => !glob.startsWith("!")).flatMap((glob) => including(dir, glob)),
    exclude: outputs.filter((glob) => glob.startsWith("!")).flatMap((glob) => excluding(dir, glob.slice(1))),
  };
}

function late(dir: RelativePath, globs: readonly string[]): FileSelector {
  return {
    include: globs.filter((glob) => !glob.startsWith("!")).flatMap((glob) => including(dir, glob)),
    exclude: globs.filter((glob) => glob.startsWith("!")).flatMap((glob) => excluding(dir, glob.slice(1))),
    ignored: "include",
    when: "late",
  };
}

function dependencyOutputs(
  structured: readonly StructuredInput[],
  context: InputContext,
): InputSpec["dependencyOutputs"] {
  return structured
    .filter((each) => each.mode === "dependencyOutputs")
    .map((each) => ({
      globs: each.globs,
      transitive: false,
      from: each.from?.map((text) => context.needOf(text)) ?? null,
    }));
}

function fromRoot(glob: string): string {
  return glob.startsWith("!") ? `!${rootToken}${glob.slice(1)}` : `${rootToken}${glob}`;
}

/** A name without wildcard at its end may be a file or a directory: then all that is in it counts. */
function including(dir: RelativePath, glob: string): readonly string[] {
  const rooted = rootRelative(dir, glob);
  if (rooted === null) return [];
  if (rooted.endsWith("**")) return [rooted];
  return rooted.endsWith("/") ? [`${rooted}**`] : [rooted, `${rooted}/**`];
}

function excluding(dir: RelativePath, glob: string): readonly string[] {
  return including(dir, glob);
}

/** Null when the glob leaves the repository. */
function rootRelative(dir: RelativePath, glob: string): string | null {
  if (glob.startsWith(rootToken)) return normalized(glob.slice(rootToken.length));
  return normalized(anchored(dir, glob));
}

function normalized(glob: string): string | null {
  if (!/(^|\/)\.{1,2}(\/|$)|\/\//.test(glob)) return glob;
  const parts: string[] = [];
  for (const part of glob.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return null;
    } else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
