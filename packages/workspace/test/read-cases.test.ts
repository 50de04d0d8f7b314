import { readPackageTexts, readTexts } from "@slipway/host";
import { packageFiles, readWorkspace, rootFiles, workspacePatterns } from "@slipway/workspace";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const cases = fileURLToPath(new URL("cases", import.meta.url));

function read(root: string): unknown {
  const texts = readTexts(root, rootFiles);
  const patterns = workspacePatterns(texts);
  if (!patterns.ok) return patterns;
  const ofPackages = readPackageTexts(root, patterns.value, packageFiles);
  return readWorkspace({ files: new Map([...texts.files, ...ofPackages.files]) });
}

test.for(readdirSync(cases))("the workspace %s is read as its golden file says", async (name) => {
  const result = JSON.stringify(read(`${cases}/${name}/in`), withoutTheOrdinary, 2);
  await expect(`${result}\n`).toMatchFileSnapshot(`${cases}/${name}/workspace.golden.json`);
});

/** What most rules say alike would hide what a case is about. */
const ordinary: Readonly<Record<string, unknown>> = {
  with: [],
  persistent: false,
  interactive: false,
  interruptible: false,
  parallelism: true,
  outputLogs: "full",
  passThroughEnv: [],
  configurations: [],
  defaultConfiguration: null,
  byConfiguration: {},
  runtime: [],
  dependencyOutputs: [],
  json: [],
  external: "closure",
  values: {},
  exclude: [],
  aliases: [],
  tags: [],
};

function withoutTheOrdinary(key: string, value: unknown): unknown {
  if (key === "passThroughEnv" && Array.isArray(value) && value.includes("HOME"))
    return value.slice(0, value.indexOf("HOME"));
  return Object.hasOwn(ordinary, key) && JSON.stringify(ordinary[key]) === JSON.stringify(value)
    ? undefined
    : value;
}
