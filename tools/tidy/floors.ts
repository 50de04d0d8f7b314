import type { Finding, Module, Rule } from "./tree.ts";

/** A room imports only from floors below its own. */
export const FLOORS: Readonly<Record<string, number>> = {
  kernel: 1,
  workspace: 2,
  ledger: 2,
  host: 2,
  registry: 2,
  remote: 2,
  forge: 2,
  testkit: 2,
  plan: 3,
  gates: 3,
  dashboard: 3,
  run: 4,
  release: 4,
  cli: 5,
};

/** Rooms that decide or order, and touch nothing: the same input gives the same answer on every machine, at any time. */
export const PURE_ROOMS = new Set(["kernel", "workspace", "plan", "ledger", "run", "release", "gates"]);

/** They touch the outside, so that only the place where things are wired may know them. */
const OUTSIDES = new Set(["host", "registry", "remote", "forge", "testkit"]);

/** Second exports, for paths on which a whole barrel would cost too much. */
const SECOND_EXPORTS = new Set(["@slipway/run/hot", "@slipway/host/hot"]);

const ROOM = /^@slipway\/([^/]+)(\/.+)?$/;

export const floors: Rule = function* (tree) {
  for (const module of tree.modules) {
    for (const { specifier, line } of module.imports) {
      const found = (rule: string, message: string): Finding => ({ rule, path: module.path, line, message });
      const [, target, deep] = ROOM.exec(specifier) ?? [];
      if (target !== undefined) {
        if (deep !== undefined && !SECOND_EXPORTS.has(specifier))
          yield found("deep-import", `${specifier}: a room is imported by its index alone`);
        const reason = module.inSource ? whyNot(module.room, target) : null;
        if (reason) yield found("floors", reason);
      } else if (specifier.startsWith(".") && leavesItsRoom(module, specifier)) {
        yield found("deep-import", `${specifier} leaves the room: import the other room by its name`);
      }
    }
    const { room } = module;
    if (room !== null && FLOORS[room] === undefined)
      yield {
        rule: "floors",
        path: module.path,
        line: 1,
        message: `${room} stands on no floor: give it one`,
      };
  }
};

function whyNot(room: string | null, target: string): string | null {
  const from = FLOORS[room ?? ""];
  const to = FLOORS[target];
  if (from === undefined || room === target) return null;
  if (to === undefined) return `@slipway/${target} is no room`;
  if (OUTSIDES.has(target) && room !== "cli")
    return `${room} may not import ${target}: only cli does; declare what is needed in ports.ts`;
  if (to >= from) return `${room} (floor ${from}) may not import ${target} (floor ${to})`;
  return null;
}

/**
 * The tools stand above all rooms and may look into each, as a proof does that runs what a room's tests run. Tests may
 * share what tests of rooms below were given to stand on.
 */
function leavesItsRoom(module: Module, specifier: string): boolean {
  const [, room, part] = /^packages\/([^/]+)\/([^/]+)/.exec(resolvePath(module.path, specifier)) ?? [];
  if (room === undefined || room === module.room || module.room === null) return false;
  const isBelow = (FLOORS[room] ?? 0) < (FLOORS[module.room] ?? 0);
  return module.inSource || part !== "test" || !isBelow;
}

/** The path that a relative specifier of a module leads to. */
export function resolvePath(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}
