import { createFaultRegistry, type Listening } from "@slipway/testkit";
import { afterAll, describe } from "vitest";
import { describeRegistry } from "./registry-contract.ts";

describe("the fault registry", () => {
  let listening: Listening | undefined;
  afterAll(() => listening?.close());
  describeRegistry(
    async () => {
      listening = await createFaultRegistry().listen();
      return listening.url;
    },
    { takenStatus: 403 },
  );
});
