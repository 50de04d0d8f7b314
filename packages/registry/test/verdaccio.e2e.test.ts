import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startVerdaccio, type EmbeddedRegistry } from "@slipway/registry";
import { afterAll, describe } from "vitest";
import { describeRegistry } from "./registry-contract.ts";

describe.each(["staging", "production"])("Verdaccio as %s", (config) => {
  let registry: EmbeddedRegistry | undefined;
  let storage = "";
  afterAll(async () => {
    await registry?.close();
    await rm(storage, { recursive: true, force: true });
  });
  describeRegistry(
    async () => {
      storage = await mkdtemp(join(tmpdir(), "slipway-verdaccio-"));
      registry = await startVerdaccio({ storage, uplink: null, config });
      return registry.url;
    },
    { takenStatus: 409 },
  );
});
