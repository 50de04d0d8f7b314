import type { Platform } from "./ports.ts";
import type { ScriptLines } from "./scripts.ts";

/** How the repository's package manager runs scripts. */
export interface ScriptHabits {
  /** `pnpm/10.1.0 npm/? node/v24.1.0 linux x64`, as `npm_config_user_agent` has it. */
  readonly manager: { readonly name: string; readonly version: string | null; readonly berry: boolean };
  /** Absolute path of the package manager's program, as it would name itself; null when there is none. */
  readonly execPath: string | null;
  /** Shell words before a script's name, where only the package manager can run it (Yarn's Plug'n'Play); else null. */
  readonly runner: string | null;
  readonly prePost: boolean;
  /** From .npmrc: the shell for scripts, and what NODE_OPTIONS is set to. */
  readonly shell: string | null;
  readonly nodeOptions: string | null;
  /** Absolute directory in which the user typed the command. */
  readonly initialDir: string;
}

/** The part of the habits that counts for what a script does. */
export function scriptSettings({ shell, nodeOptions, runner, manager }: ScriptHabits): ScriptSettings {
  return { shell, nodeOptions, ...(runner === null ? {} : { runner: manager.name }) };
}

export interface CommandContext {
  readonly habits: ScriptHabits;
  readonly platform: Platform;
  /** Absolute, with forward slashes. */
  readonly root: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly scripts: ScriptLines | null;
}

export interface ScriptSettings {
  readonly shell: string | null;
  readonly nodeOptions: string | null;
  /** The package manager that alone can run the scripts. */
  readonly runner?: string;
}
