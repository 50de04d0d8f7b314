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
  const result = JSON.stringify(read(`${cases}/${name}/in`), null, 2);
  await expect(`${result}\n`).toMatchFileSnapshot(`${cases}/${name}/workspace.golden.json`);
});
