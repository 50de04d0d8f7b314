import { createFaultRegistry, routeNames, type FaultReply, type RouteName } from "@slipway/testkit";
import { describe, expect, test } from "vitest";
import { ask, publishBody, put } from "./publishing.ts";

const uuid = "00000000-0000-4000-a000-000000000000";

/** A request that takes this route. */
function requestOf(route: RouteName): Request {
  const [method = "GET", path = ""] = route.split(" ");
  const filled = path
    .replace(":name", "kit")
    .replace(":version", "1.0.0")
    .replace(":file", "kit-1.0.0.tgz")
    .replace(":tag", "next")
    .replace(":user", "org.couchdb.user:me")
    .replace(":spec", "kit@1.0.0")
    .replace(":id", uuid);
  const isPublish = route === "PUT /:name" || route === "POST /-/stage/package/:name";
  const body = isPublish ? publishBody("kit", "1.1.0") : '"1.0.0"';
  return ask(filled, { method, ...(method === "GET" ? {} : { body }) });
}

const statuses: Readonly<Record<string, FaultReply>> = {
  "500": 500,
  "502": 502,
  "503": 503,
  "429": 429,
  "a page": "page",
  "a redirect": "redirect",
  nothing: "empty",
};
const seenAs: Readonly<Record<string, number>> = { "a page": 200, "a redirect": 302, nothing: 200 };

describe.each(routeNames)("%s", (route) => {
  async function fresh() {
    const registry = createFaultRegistry({ dripMs: 0 });
    await registry.handle(put("kit", publishBody("kit", "1.0.0")));
    return registry;
  }

  test.each(Object.keys(statuses))("answers with %s, and changes nothing", async (name) => {
    const registry = await fresh();
    const before = registry.snapshot();
    registry.failNext(route, statuses[name] ?? 500);
    const response = await registry.handle(requestOf(route));
    expect(response.status).toBe(seenAs[name] ?? Number(name));
    expect(registry.snapshot()).toEqual(before);
    expect(registry.seen.at(-1)).toMatchObject({ route, faulty: true });
  });

  test("cuts the connection, and never answers", async () => {
    const registry = await fresh();
    registry.failNext(route, "reset");
    await expect(registry.handle(requestOf(route))).rejects.toThrow("fetch failed");
    registry.failNext(route, "timeout");
    const request = new Request(requestOf(route), { signal: AbortSignal.timeout(5) });
    await expect(registry.handle(request)).rejects.toThrow("timeout");
  });

  test("is carried out, and its reply is cut, slow, of another type, or lost", async () => {
    for (const reply of ["half", "drip", "wrong-type", "after-commit"] as const) {
      const [spoiled, whole] = [await fresh(), await fresh()];
      spoiled.failNext(route, reply);
      const text = await spoiled
        .handle(requestOf(route))
        .then((response) => response.text().catch(() => "cut"));
      const expected = await (await whole.handle(requestOf(route))).text();
      // Ids and keys are drawn anew in each registry.
      if (reply === "drip" || reply === "wrong-type") expect(text.length).toBe(expected.length);
      expect(spoiled.snapshot()).toEqual(whole.snapshot());
    }
  });
});
