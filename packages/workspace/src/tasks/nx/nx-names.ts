import { didYouMean, isRecord, type Problem } from "@slipway/kernel";
import type { Findings } from "../../parse/findings.ts";
import { matchNxProjects } from "./match-nx-projects.ts";
import { located } from "./nx-checks.ts";
import type { NxFile } from "./nx-file.ts";
import { record, type NxProject } from "./nx-projects.ts";

interface Read {
  readonly nxJson: NxFile;
  readonly projects: readonly NxProject[];
  /** False: plugins that were not asked may know of more projects. */
  readonly isWhole: boolean;
}

/** Without these nx makes no project graph at all: names that two projects have, or that none has, and lists that are none. */
export function checkNames({ nxJson, projects, isWhole }: Read, findings: Findings): void {
  findings.problems.push(...namesTwice(projects), ...wrongLists(nxJson));
  const { file, document, value } = nxJson;
  if (value["targetDefaults"] !== undefined && !isRecord(value["targetDefaults"])) {
    const line = document.lineOf(["targetDefaults"]);
    findings.warnings.push({
      code: "config/malformed",
      message: `"targetDefaults" must be an object`,
      file,
      line,
    });
  }
  if (isWhole) findings.problems.push(...unknownDependencies(projects));
}

function namesTwice(projects: readonly NxProject[]): readonly Problem[] {
  const byName = new Map<string, NxProject[]>();
  for (const each of projects) byName.set(each.projectName, [...(byName.get(each.projectName) ?? []), each]);
  return [...byName].flatMap(([name, found]): readonly Problem[] => {
    if (found.length < 2) return [];
    const dirs = found.map(({ dir }) => dir || ".").join(" and ");
    const hint = `Give one of them another "name" in its project.json.`;
    const problem = located(found[1]?.places.name, `the projects in ${dirs} are all called "${name}"`, hint);
    return [{ ...problem, code: "workspace/duplicate-name" }];
  });
}

function wrongLists({ file, document, value }: NxFile): readonly Problem[] {
  const wrong = (path: readonly string[], what: string): Problem => ({
    code: "config/malformed",
    message: `"${path.at(-1)}" must be ${what}, in ${file}`,
    file,
    line: document.lineOf(path),
  });
  const named = Object.entries(record(value["namedInputs"])).filter(([, inputs]) => !Array.isArray(inputs));
  const { plugins } = value;
  return [
    ...named.map(([name]) => wrong(["namedInputs", name], "a list")),
    ...(plugins === undefined || Array.isArray(plugins) ? [] : [wrong(["plugins"], "a list")]),
  ];
}

function unknownDependencies(projects: readonly NxProject[]): readonly Problem[] {
  const names = projects.map((each) => each.projectName);
  return projects.flatMap(({ projectName, implicitDependencies, isResolved, places }) => {
    if (isResolved) return [];
    return implicitDependencies
      .filter((each) => !each.startsWith("!") && matchNxProjects([each], projects).length === 0)
      .map((each): Problem => {
        const message = `no project is called "${each}" or matches it, but implicitDependencies of ${projectName} name it`;
        const nearest = didYouMean(each, names);
        const hint =
          nearest === undefined
            ? `There is: ${names.slice(0, 10).join(", ")}.`
            : `Did you mean "${nearest}"?`;
        return { ...located(places.implicitDependencies, message, hint), code: "package/unknown" };
      });
  });
}
