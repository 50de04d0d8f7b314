import { isRecord, type Checked } from "@slipway/kernel";
import { noFindings, type Findings } from "../parse/findings.ts";
import { parseJson } from "../parse/json-document.ts";
import { parseYaml } from "../parse/yaml-document.ts";
import type { WorkspaceTexts } from "../texts.ts";

/** Which directories hold packages: globs relative to the root, without braces, leading `./` or trailing slashes. */
export interface WorkspacePatterns {
  readonly include: readonly string[];
  /** A directory that matches one of these is no package, wherever the pattern stands in the list. */
  readonly exclude: readonly string[];
  /** True: each project.json makes its directory a project too (nx). */
  readonly projectFiles: boolean;
  /** True: this directory declares a workspace, rather than being one package. */
  readonly declared: boolean;
}

/** What the texts of a directory's root files say about where packages are. */
export function workspacePatterns(texts: WorkspaceTexts): Checked<WorkspacePatterns> {
  const findings = noFindings();
  const list = declaredList(texts, findings);
  const include: string[] = [];
  const exclude: string[] = [];
  for (const pattern of (list ?? []).flatMap((each) => withoutBraces(each.trim()))) {
    const negated = pattern.startsWith("!") && !pattern.startsWith("!(");
    const plain = normalized(negated ? pattern.slice(1) : pattern);
    if (plain.startsWith("../")) continue;
    (negated ? exclude : include).push(plain);
  }
  const { problems, warnings } = findings;
  if (problems.length > 0) return { ok: false, problems, warnings };
  const projectFiles = texts.files.has("nx.json");
  return { ok: true, value: { include, exclude, projectFiles, declared: list !== null }, warnings };
}

function declaredList(texts: WorkspaceTexts, findings: Findings): readonly string[] | null {
  const yaml = texts.files.get("pnpm-workspace.yaml");
  const fromYaml = yaml === undefined ? null : pnpmList(yaml, findings);
  const manifest = texts.files.get("package.json");
  const fromManifest = manifest === undefined ? null : manifestList(manifest, findings);
  const lerna = texts.files.get("lerna.json");
  const fromLerna = lerna === undefined ? null : lernaList(lerna, findings);
  return fromYaml ?? fromManifest ?? fromLerna ?? (yaml === undefined ? null : []);
}

function pnpmList(text: string, findings: Findings): readonly string[] | null {
  const file = "pnpm-workspace.yaml";
  const parsed = parseYaml({ file, text, code: "config/malformed" }, findings);
  if (!parsed || !isRecord(parsed.value) || parsed.value["packages"] === undefined) return null;
  return strings(parsed.value["packages"], { file, field: "packages" }, findings);
}

/** `workspaces` is an array, or an object whose `packages` is one (Yarn Classic, beside `nohoist`). */
function manifestList(text: string, findings: Findings): readonly string[] | null {
  const file = "package.json";
  const parsed = parseJson({ file, text, code: "workspace/bad-manifest" }, "json", findings);
  if (!parsed || !isRecord(parsed.value)) return null;
  const workspaces = parsed.value["workspaces"];
  const list = isRecord(workspaces) ? workspaces["packages"] : workspaces;
  if (list === undefined || list === null) return null;
  return strings(list, { file, field: "workspaces" }, findings);
}

function lernaList(text: string, findings: Findings): readonly string[] | null {
  const file = "lerna.json";
  const parsed = parseJson({ file, text, code: "config/malformed" }, "jsonc", findings);
  if (!parsed || !isRecord(parsed.value) || parsed.value["packages"] === undefined) return null;
  return strings(parsed.value["packages"], { file, field: "packages" }, findings);
}

function strings(
  list: unknown,
  place: { readonly file: string; readonly field: string },
  findings: Findings,
): readonly string[] {
  if (Array.isArray(list) && list.every((each) => typeof each === "string")) return list;
  const message = `"${place.field}" in ${place.file} must be a list of globs`;
  findings.problems.push({ code: "config/malformed", message, file: place.file });
  return [];
}

function normalized(pattern: string): string {
  const plain = pattern
    .replaceAll(/\/{2,}/g, "/")
    .replace(/^(?:\.?\/)+/, "")
    .replace(/\/$/, "");
  return plain === "." ? "" : plain;
}

const expansionsMax = 1000;

/** `{apps,libs}/*` -> `apps/*`, `libs/*`: then a pattern can be matched directory by directory. */
function withoutBraces(pattern: string): string[] {
  let patterns = [pattern];
  while (patterns.length < expansionsMax) {
    const expanded = patterns.flatMap((each) => {
      const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(each);
      return match ? (match[2] ?? "").split(",").map((part) => `${match[1]}${part}${match[3]}`) : [each];
    });
    if (expanded.length === patterns.length) return expanded;
    patterns = expanded;
  }
  return patterns;
}
