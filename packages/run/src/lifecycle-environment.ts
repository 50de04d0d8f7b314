import { isRecord } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import type { CommandContext } from "./script-habits.ts";

/**
 * The variables that the package manager sets for a script, as far as they say something of the repository.
 * docs/compatibility.md names the others. Source: what each of them gives a script that prints its environment.
 */
export function lifecycleEnvironment(
  task: PlannedTask,
  script: { readonly event: string; readonly line: string },
  context: CommandContext,
): Record<string, string> {
  const { manifest, root, habits, platform } = context;
  const dir = task.dir === "" ? root : `${root}/${task.dir}`;
  const { nodePath } = platform;
  return {
    INIT_CWD: habits.initialDir,
    npm_command: "run-script",
    npm_lifecycle_event: script.event,
    npm_lifecycle_script: script.line,
    npm_package_json: `${dir}/package.json`,
    npm_package_name: textOf(manifest["name"]),
    npm_package_version: textOf(manifest["version"]),
    npm_config_user_agent: userAgent(context),
    ...(habits.execPath === null ? {} : { npm_execpath: habits.execPath }),
    ...(nodePath ? { NODE: nodePath, npm_node_execpath: nodePath } : {}),
    ...(habits.nodeOptions ? { NODE_OPTIONS: habits.nodeOptions } : {}),
    ...flattened("npm_package_config", manifest["config"]),
    ...flattened("npm_package_engines", manifest["engines"]),
    ...binVariables(manifest),
    ...ofManager(context, dir),
  };
}

/** What only one of them says. */
function ofManager({ manifest, root, habits }: CommandContext, dir: string): Record<string, string> {
  const { name, berry } = habits.manager;
  if (name === "pnpm") {
    // What it has looked at before the script, one that the script starts need not look at again.
    const looked = {
      pnpm_config_verify_deps_before_run: "false",
      npm_config_verify_deps_before_run: "false",
    };
    return { PNPM_SCRIPT_SRC_DIR: dir, ...looked };
  }
  if (name !== "yarn") return {};
  if (berry) return { PROJECT_CWD: root };
  const { name: _, version, ...rest } = manifest;
  return flattened("npm_package", { ...rest, version });
}

function userAgent({ habits, platform }: CommandContext): string {
  const { name, version } = habits.manager;
  const npm = name === "npm" ? "" : "npm/? ";
  return `${name}/${version ?? "?"} ${npm}node/${platform.node ?? "?"} ${platform.os} ${platform.arch}`;
}

function flattened(prefix: string, value: unknown): Record<string, string> {
  if (isRecord(value) || Array.isArray(value)) {
    return Object.assign(
      {},
      ...Object.entries(value).map(([key, item]) =>
        flattened(`${prefix}_${key.replaceAll(/[^\w]/g, "_")}`, item),
      ),
    ) as Record<string, string>;
  }
  return value === undefined || value === null ? {} : { [prefix]: textOf(value) };
}

function binVariables({ name, bin }: Readonly<Record<string, unknown>>): Record<string, string> {
  if (typeof bin !== "string") return flattened("npm_package_bin", bin);
  return { [`npm_package_bin_${textOf(name).replace(/^@[^/]*\//, "")}`]: bin };
}

function textOf(value: unknown): string {
  return typeof value === "string"
    ? value
    : value === undefined || value === null
      ? ""
      : JSON.stringify(value);
}
