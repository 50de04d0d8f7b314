import { join } from "node:path";
import { planBatch } from "../../packages/cli/src/journeys/release/plan-batch.ts";
import { writeSealedFolder } from "../../packages/cli/src/journeys/release/sealed-folder.ts";
import { sealPackages } from "../../packages/cli/src/journeys/seal-packages.ts";
import { loadForTasks } from "../../packages/cli/src/wire/load-for-tasks.ts";
import { loadVersioning } from "../../packages/cli/src/wire/load-versioning.ts";
import { openRepository } from "../../packages/host/src/index.ts";
import { sealPlan } from "../../packages/plan/src/index.ts";
import { registryClient } from "../../packages/registry/src/index.ts";
import { mkdirSync } from "node:fs";
import type { PublisherWorkspace } from "./workspace.ts";

/** What `slipway seal` writes, without the gates, which would install each package. Its registry has to be up. */
export async function sealWorkspace(workspace: PublisherWorkspace, sealed: string): Promise<void> {
  const { clone, url } = workspace;
  const versioning = await loadVersioning(clone);
  const repository = await openRepository(clone, process.env);
  const client = registryClient({ url, auth: null });
  const plan = await planBatch({
    versioning,
    commit: (await repository.commitOf("HEAD")) ?? "",
    registryOf: () => url,
    registry: () => client,
    gitTags: Promise.resolve({}),
    channel: null,
  });
  const to = join(sealed, "tarballs");
  mkdirSync(to, { recursive: true });
  const loaded = await loadForTasks({ cwd: clone, env: process.env, say: () => undefined }, {});
  const tarballs = await sealPackages({
    root: clone,
    workspace: loaded.workspace,
    names: plan.packages.map(({ name }) => name),
    to,
    env: process.env,
    runScripts: null,
  });
  const integrities = Object.fromEntries(tarballs.map(({ name, integrity }) => [name, integrity]));
  await writeSealedFolder(sealed, { plan: sealPlan(plan, integrities), tarballs });
}
