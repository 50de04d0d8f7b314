import { findOnPath } from "@slipway/host";
import { readNpmrc } from "@slipway/registry";
import type { ScriptHabits } from "@slipway/run";
import type { PackageManager } from "@slipway/workspace";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

export interface HabitsSetting {
  /** Absolute root of the workspace. */
  readonly root: string;
  /** Absolute directory that the user stands in. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly manager: PackageManager;
}

/** How this repository's package manager runs scripts. Yarn Berry has dropped pre and post scripts. */
export function scriptHabits(setting: HabitsSetting): ScriptHabits {
  const { cwd, manager } = setting;
  const { name, version, berry } = manager;
  const get = settingsOf(setting);
  return {
    manager: { name, version, berry },
    execPath: execPathOf(setting),
    runner: runnerOf(setting),
    prePost: !berry && runsPrePost(manager, get),
    shell: get("script-shell") ?? null,
    nodeOptions: get("node-options") ?? null,
    initialDir: cwd,
  };
}

type Get = (key: string) => string | undefined;

/** pnpm has its settings in pnpm-workspace.yaml, and since version 11 those that are not of a registry nowhere else. */
function settingsOf({ root, env, manager }: HabitsSetting): Get {
  const npmrc = readNpmrc(root, env);
  if (manager.name !== "pnpm") return (key) => npmrc.get(key);
  const texts = [join(root, "pnpm-workspace.yaml"), pnpmConfigFile(env)].map(textOf);
  const isNew = majorOf(manager) >= 11;
  return (key) =>
    (isNew ? env[`pnpm_config_${key.replaceAll("-", "_")}`] : undefined) ??
    texts.map((text) => scalarIn(text, key)).find((value) => value !== undefined) ??
    (isNew ? undefined : npmrc.get(key));
}

/** pnpm's settings of the user, beside npm's. */
export function pnpmConfigFile(env: HabitsSetting["env"]): string {
  return join(env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? "", ".config"), "pnpm/config.yaml");
}

/** The value of a line `scriptShell: "/bin/bash"`. */
function scalarIn(yaml: string, key: string): string | undefined {
  const name = key.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const match = new RegExp(`^${name}:[ \t]+(?:"([^"\n]*)"|'([^'\n]*)'|([^\n#]*))`, "m").exec(yaml);
  return match
    ?.slice(1)
    .find((value) => value !== undefined)
    ?.trim();
}

/** npm leaves them out where scripts are to be ignored, pnpm before version 9 unless it is told otherwise. */
function runsPrePost(manager: PackageManager, get: Get): boolean {
  if (manager.name === "npm") return get("ignore-scripts") !== "true";
  const isOff = manager.name === "pnpm" && majorOf(manager) < 9 ? "false" : "true";
  return (get("enable-pre-post-scripts") ?? isOff) !== "false";
}

/** Of one whose version nobody has said the newest. */
function majorOf({ version }: PackageManager): number {
  const major = /\d+/.exec(version ?? "")?.[0];
  return major === undefined ? Number.POSITIVE_INFINITY : Number(major);
}

/** A release that the repository brings itself, else what the caller's PATH has. */
function execPathOf({ root, env, manager }: HabitsSetting): string | null {
  const own = manager.name === "yarn" ? yarnPathIn(root) : null;
  if (own !== null) return own;
  const found = findOnPath(manager.name, env["PATH"] ?? "");
  return found === null ? null : realpathSync(found);
}

function yarnPathIn(root: string): string | null {
  const path = /^yarnPath:[ \t]*["']?([^"'\n]+?)["']?[ \t]*$/m.exec(textOf(join(root, ".yarnrc.yml")))?.[1];
  return path === undefined ? null : join(root, path);
}

/** With Plug'n'Play there is no node_modules: what a script may load, and which programs it finds, only yarn can say. */
function runnerOf({ root, manager }: HabitsSetting): string | null {
  const isPlugAndPlay = manager.berry && ["cjs", "js"].some((end) => existsSync(join(root, `.pnp.${end}`)));
  if (!isPlugAndPlay) return null;
  const own = yarnPathIn(root);
  return own === null ? "yarn run" : `node '${own.replaceAll("'", `'\\''`)}' run`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
