import { resolvePath } from "./floors.ts";
import type { Module, Rule } from "./tree.ts";

/** No module may reach itself through imports; imports of types count, since they tie the readers' hands alike. */
export const circles: Rule = function* (tree) {
  const modules = new Map(tree.modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  for (const start of modules.keys()) {
    const circle = circleFrom(start, modules, done);
    if (circle) yield { rule: "circle", path: start, line: 1, message: circle.join(" -> ") };
  }
};

function circleFrom(
  start: string,
  modules: ReadonlyMap<string, Module>,
  done: Set<string>,
): readonly string[] | null {
  const path: { node: string; rest: string[] }[] = [];
  const enter = (node: string) => path.push({ node, rest: importedBy(modules.get(node)) });
  if (!done.has(start)) enter(start);
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const next = top.rest.pop();
    if (next === undefined) {
      done.add(top.node);
      path.pop();
    } else if (!done.has(next) && modules.has(next)) {
      const nodes = path.map((step) => step.node);
      const at = nodes.indexOf(next);
      if (at !== -1) {
        for (const node of nodes) done.add(node);
        return [...nodes.slice(at), next];
      }
      enter(next);
    }
  }
  return null;
}

function importedBy(module: Module | undefined): string[] {
  if (!module) return [];
  return module.imports.flatMap(({ specifier }) => {
    if (specifier.startsWith(".")) return [resolvePath(module.path, specifier)];
    const [, room, second = "/index"] = /^@slipway\/([^/]+)(\/.+)?$/.exec(specifier) ?? [];
    return room === undefined ? [] : [`packages/${room}/src${second}.ts`];
  });
}
