import fc from "fast-check";
import type { Fixture } from "../../../packages/cli/test/peers/fixture.ts";
import type { NxGraph } from "../../../packages/cli/test/peers/peers.ts";
import type { Sketch } from "../../../packages/plan/test/run/workspace-of.ts";

/** A workspace and a question about it, in words that both tools have. */
export interface Scenario {
  readonly packages: readonly {
    readonly name: string;
    /** Of packages before this one, so that packages make no circle; tasks may. */
    readonly needs: readonly string[];
    readonly scripts: readonly string[];
    /** For each task that has it. */
    readonly configurations: readonly string[];
  }[];
  /** By task, for the packages that say nothing else, and by `package#task`. */
  readonly dependsOn: Readonly<Record<string, readonly string[]>>;
  readonly tasks: readonly string[];
  readonly configuration: string | null;
}

const taskNames = ["build", "test", "lint", "gen"] as const;

export const scenarioArbitrary: fc.Arbitrary<Scenario> = fc.integer({ min: 1, max: 8 }).chain((count) => {
  const names = Array.from({ length: count }, (_, at) => `p${at}`);
  const packages = names.map((name, at) =>
    fc.record({
      name: fc.constant(name),
      needs: fc.subarray(names.slice(0, at), { maxLength: Math.min(3, at) }),
      scripts: fc.subarray([...taskNames]),
      configurations: fc.subarray(["ci", "production"]),
    }),
  );
  const need = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...taskNames).map((task) => `^${task}`) },
    { weight: 2, arbitrary: fc.constantFrom("gen", "lint") },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...names), fc.constantFrom("gen", "lint"))
        .map((pair) => pair.join("#")),
    },
  );
  const keys = [...taskNames, ...names.flatMap((name) => [`${name}#build`, `${name}#gen`])];
  return fc.record({
    packages: fc.tuple(...packages),
    dependsOn: fc.dictionary(fc.constantFrom(...keys), fc.uniqueArray(need, { maxLength: 3 }), {
      maxKeys: 5,
    }),
    tasks: fc.subarray([...taskNames], { minLength: 1 }),
    configuration: fc.option(fc.constantFrom("ci", "production"), { freq: 2 }),
  });
});

/** As Slipway holds it: only tasks that exist, as nx; a need of one that does not is none. */
export function sketchOf({ packages, dependsOn }: Scenario, source: "nx"): Sketch {
  const configurations = new Map(packages.map((one) => [one.name, one.configurations]));
  return {
    source,
    packages: Object.fromEntries(packages.map(({ name, needs }) => [name, needs])),
    scripts: Object.fromEntries(packages.map(({ name, scripts }) => [name, scripts])),
    dependsOn,
    rule: (name) => ({ configurations: configurations.get(name) ?? [] }),
  };
}

export function nxGraphOf({ packages, dependsOn }: Scenario): NxGraph {
  const nodes = packages.map(({ name, scripts, configurations }) => {
    const targets = scripts.map((task) => {
      const needs = dependsOn[`${name}#${task}`] ?? dependsOn[task] ?? [];
      const target = {
        executor: "nx:run-script",
        dependsOn: needs.map((need) => need.replace("#", ":")),
        configurations: Object.fromEntries(configurations.map((one) => [one, {}])),
      };
      return [task, target] as const;
    });
    return [name, { name, type: "lib", data: { root: name, targets: Object.fromEntries(targets) } }] as const;
  });
  const dependencies = packages.map(({ name, needs }) => {
    return [name, needs.map((target) => ({ source: name, target, type: "static" }) as const)] as const;
  });
  return { nodes: Object.fromEntries(nodes), dependencies: Object.fromEntries(dependencies) };
}

/** turbo wants each task that is named to be declared, so all are. */
export function inTurbosWords({ packages, dependsOn }: Scenario): Pick<Fixture, "packages" | "files"> {
  const declared = Object.fromEntries(taskNames.map((task) => [task, {}]));
  const tasks = Object.fromEntries(
    Object.entries(dependsOn).map(([key, needs]) => [key, { dependsOn: needs }]),
  );
  return {
    packages: Object.fromEntries(packages.map(({ name, needs, scripts }) => [name, { needs, scripts }])),
    files: { "turbo.json": { tasks: { ...declared, ...tasks } } },
  };
}
