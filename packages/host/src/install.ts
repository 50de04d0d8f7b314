import { UserError } from "@slipway/kernel";
import { execa } from "execa";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installCommands, pathWith, type BroughtManager } from "./package-manager.ts";

/** How much of what the manager printed an error shows: npm says the reason first and its help last, others the other way round. */
const ERROR_LINES_MAX = 12;
const LAST_LINES_MAX = 12;

export interface InstallOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Each line that the manager prints, for a live display. */
  readonly onLine?: (line: string) => void;
}

/**
 * Installs exactly what the lockfile says, as CI would.
 *
 * @throws UserError host/install-failed with the manager's own last lines
 */
export async function installFrozen(
  checkout: string,
  manager: BroughtManager,
  options: InstallOptions,
): Promise<void> {
  const { frozen } = installCommands(manager);
  await installed(
    checkout,
    { manager, args: frozen, options },
    "it must end well there, with a lockfile that fits the manifests",
  );
}

/**
 * Installs what the manifests ask for, in a repository without a lockfile, and leaves none behind.
 *
 * @throws UserError host/install-failed with the manager's own last lines
 */
export async function installUnlocked(
  checkout: string,
  manager: BroughtManager,
  options: InstallOptions,
): Promise<void> {
  const { free } = installCommands(manager);
  const call = { manager, args: free, options };
  const before = filesAnInstallEdits.map(
    (name) => [join(checkout, name), textOf(join(checkout, name))] as const,
  );
  try {
    await installed(
      checkout,
      call,
      "every dependency of the manifests must be on a registry or in the workspace",
    );
  } finally {
    if (manager.berry) rmSync(join(checkout, "yarn.lock"), { force: true });
    for (const [path, text] of before) if (text !== null && textOf(path) !== text) writeFileSync(path, text);
  }
}

/** pnpm writes down which dependencies it took though they are young, other managers who they are; Yarn leaves a lockfile. */
export const filesAnInstallEdits: readonly string[] = ["pnpm-workspace.yaml", "package.json", "yarn.lock"];

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

async function installed(checkout: string, call: ManagerCall, hint: string): Promise<void> {
  const failure = await runManager(checkout, call);
  if (failure === null) return;
  const { manager, args } = call;
  const command = [manager.name, ...args].join(" ");
  throw new UserError(
    "host/install-failed",
    `\`${command}\` (${manager.name} ${manager.version}) failed:\n${failure}`,
    { hint: `run the same command in a fresh clone: ${hint}` },
  );
}

/** Brings the lockfile up to date with changed manifests; gives the reason when the manager could not. */
export async function refreshLockfile(
  checkout: string,
  manager: BroughtManager,
  options: InstallOptions,
): Promise<{ readonly refreshed: boolean; readonly because: string }> {
  const { refresh } = installCommands(manager);
  if (refresh === null)
    return {
      refreshed: false,
      because: `${manager.name} ${manager.version}'s lockfile does not name workspace packages`,
    };
  const failure = await runManager(checkout, { manager, args: refresh, options });
  const command = [manager.name, ...refresh].join(" ");
  return failure === null
    ? { refreshed: true, because: `\`${command}\`` }
    : { refreshed: false, because: `\`${command}\` failed:\n${failure}` };
}

interface ManagerCall {
  readonly manager: BroughtManager;
  readonly args: readonly string[];
  readonly options: InstallOptions;
}

/** Null when it ended well, else its last lines. */
async function runManager(checkout: string, { manager, args, options }: ManagerCall): Promise<string | null> {
  const [file = "", ...first] = manager.argv;
  const words = new LastWords();
  const child = execa(file, [...first, ...args], {
    cwd: checkout,
    env: { ...quietManagers, ...options.env, PATH: pathWith(manager.binDir, options.env["PATH"]) },
    extendEnv: false,
    stdin: "ignore",
    all: true,
    buffer: false,
    reject: false,
    cancelSignal: options.signal,
    forceKillAfterDelay: 5000,
  });
  for await (const line of child.iterable({ from: "all" })) {
    words.hear(line);
    options.onLine?.(line);
  }
  const result = await child;
  if (options.signal.aborted) throw options.signal.reason;
  if (result.exitCode === 0) return null;
  return words.text() || (result.shortMessage ?? "no output");
}

/** Without any lockfile there is nothing frozen to install; a repository without dependencies has none. */
export function hasLockfile(root: string): boolean {
  const names = [
    "pnpm-lock.yaml",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
  ];
  return names.some((name) => existsSync(join(root, name)));
}

class LastWords {
  readonly #errors: { readonly at: number; readonly line: string }[] = [];
  readonly #last: { readonly at: number; readonly line: string }[] = [];
  #heard = 0;

  hear(line: string): void {
    const entry = { at: this.#heard++, line };
    if (/\berr(or)?\b/i.test(line) && this.#errors.length < ERROR_LINES_MAX) this.#errors.push(entry);
    this.#last.push(entry);
    if (this.#last.length > LAST_LINES_MAX) this.#last.shift();
  }

  text(): string {
    const from = this.#last[0]?.at ?? 0;
    const earlier = this.#errors.filter((entry) => entry.at < from);
    const gap = earlier.length > 0 ? ["…"] : [];
    return [...earlier.map((entry) => entry.line), ...gap, ...this.#last.map((entry) => entry.line)].join(
      "\n",
    );
  }
}

/** No questions, no notices, no state files in HOME beyond the managers' package stores, no daemon that outlives the run. */
export const quietManagers: Readonly<Record<string, string>> = {
  CI: "true",
  NO_UPDATE_NOTIFIER: "1",
  npm_config_update_notifier: "false",
  pnpm_config_update_notifier: "false",
  COREPACK_ENABLE_STRICT: "0",
  YARN_ENABLE_TELEMETRY: "0",
  HUSKY: "0",
  NX_DAEMON: "false",
  NX_NO_CLOUD: "true",
  TURBO_TELEMETRY_DISABLED: "1",
};
