import { isRecord, type Problem } from "@slipway/kernel";
import type { JsonDocument } from "../../parse/json-document.ts";
import type { Config } from "./nx-target.ts";

/** A project.json, or the `nx` field of a package.json: where it stands and what it holds. */
export interface ProjectText {
  readonly file: string;
  readonly document: JsonDocument;
  readonly path: readonly string[];
  readonly value: Config;
}

/** Values of a project of a kind with which nx makes no project graph. */
export function shapeFaults({ file, document, path, value }: ProjectText): readonly Problem[] {
  const must = (key: readonly string[], what: string): Problem => ({
    code: "config/malformed",
    message: `"${key.join(".")}" must be ${what}, in ${file}`,
    file,
    line: document.lineOf([...path, ...key]),
  });
  const { targets } = value;
  const lists = ["tags", "implicitDependencies"].filter((key) => {
    const list = value[key];
    return list !== undefined && !(Array.isArray(list) && list.every((each) => typeof each === "string"));
  });
  const wrongLists = lists.map((key) => {
    const own = value[key];
    const problem = must([key], "a list of strings");
    return typeof own === "string" ? { ...problem, hint: `Write ["${own}"].` } : problem;
  });
  if (targets === undefined || Array.isArray(targets)) return wrongLists;
  if (!isRecord(targets)) return [...wrongLists, must(["targets"], "an object")];
  const wrong = Object.entries(targets).filter(([, target]) => !isRecord(target));
  return [...wrongLists, ...wrong.map(([name]) => must(["targets", name], "an object"))];
}
