import type { OutputSpec } from "../../types.ts";
import type { NxProject } from "./nx-projects.ts";
import type { Config } from "./nx-target.ts";

type Located = Pick<NxProject, "dir" | "projectName">;

/** A target's outputs, from the root, with tokens filled in; what names an option that is not there is left out. */
export function nxOutputs(
  project: Located,
  target: { readonly name: string; readonly outputs: unknown; readonly options: Config },
): readonly string[] {
  const { name, outputs, options } = target;
  if (Array.isArray(outputs)) {
    const texts = outputs.filter((each) => typeof each === "string");
    // What comes out empty is no output to nx either.
    return [
      ...new Set(
        texts.map((each) => filled(each, project, options)).filter((each) => each !== null && each !== ""),
      ),
    ] as string[];
  }
  const { outputPath } = options;
  if (typeof outputPath === "string" && outputPath !== "") return [outputPath];
  if (Array.isArray(outputPath)) return outputPath.filter((each) => typeof each === "string");
  if (name !== "build" && name !== "prepare") return [];
  const prefix = project.dir === "" ? "" : `${project.dir}/`;
  return [`dist/${project.dir || "."}`, `${prefix}dist`, `${prefix}build`, `${prefix}public`];
}

/** An output may be a file, a directory with all that is in it, or a glob. */
export function nxOutputSpec(outputs: readonly string[]): OutputSpec {
  const normal = outputs
    .filter((each) => !/^!?\.\.\//.test(each))
    .map((each) => each.replace(/^(!?)\.?\//, "$1").replace(/\/+$/, ""));
  return {
    include: normal.filter((glob) => !glob.startsWith("!")).flatMap(both),
    exclude: normal.filter((glob) => glob.startsWith("!")).flatMap((glob) => both(glob.slice(1))),
  };
}

function both(glob: string): readonly string[] {
  return glob.endsWith("**") ? [glob] : [glob, `${glob}/**`];
}

function filled(output: string, project: Located, options: Config): string | null {
  const negation = output.startsWith("!") ? "!" : "";
  const bare = output.slice(negation.length);
  // As nx read them up to 15.
  const rooted = /^\.\.?\//.test(bare) ? `{projectRoot}/${bare}` : bare;
  const plain = filledTokens(rooted.replace(/^\{workspaceRoot\}\/?/, ""), project, options);
  if (plain === null) return null;
  const parts: string[] = [];
  for (const part of plain.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return `${negation}${parts.join("/")}`;
}

/** `{projectRoot}`, `{projectName}`, `{options.x}`, `{options.x ?? dist/{projectRoot}}`; null when a token has no value. */
function filledTokens(text: string, project: Located, options: Config): string | null {
  let result = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "{") {
      result += text[at];
      continue;
    }
    const end = closing(text, at);
    const token = text.slice(at + 1, end);
    const value = end === -1 || token.includes(",") ? `{${token}}` : tokenValue(token, project, options);
    if (value === null) return null;
    result += value;
    at = end === -1 ? text.length : end;
  }
  return result;
}

function tokenValue(token: string, project: Located, options: Config): string | null {
  const [name, ...fallbacks] = token.split("??").map((part) => part.trim());
  const value = plainToken(name ?? "", project, options);
  if (value !== null || fallbacks.length === 0) return value;
  return filledTokens(fallbacks.join(" ?? ").replaceAll(/^["']|["']$/g, ""), project, options);
}

function plainToken(name: string, project: Located, options: Config): string | null {
  if (name === "projectRoot") return project.dir;
  if (name === "projectName") return project.projectName;
  if (name === "workspaceRoot") return "";
  let value: unknown = name.startsWith("options.") ? options : null;
  for (const key of name.split(".").slice(1)) {
    value = value !== null && typeof value === "object" ? (value as Config)[key] : null;
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : null;
}

function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}
