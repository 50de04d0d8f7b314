import { makeScratchFolder, readText, runBounded } from "@slipway/host";
import type { HealthCheck, HealthResult, ReleasedPackage } from "@slipway/plan";
import type { NpmSettings } from "@slipway/registry";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withoutCredentials } from "../../wire/build-environment.ts";

export interface HealthSetting {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly npmrc: NpmSettings;
  /** The dist-tag whose releases are checked. */
  readonly channel: string;
  readonly packages: readonly ReleasedPackage[];
}

const probeTimeoutMs = 30_000;
const commandTimeoutMs = 30 * 60_000;

/** Asks everything that a channel wants to know of a release, one after the other. Changes nothing. */
export async function checkHealth(
  checks: readonly HealthCheck[],
  setting: HealthSetting,
): Promise<readonly HealthResult[]> {
  const results: HealthResult[] = [];
  for (const { command, url, install } of checks) {
    if (command !== undefined) results.push({ check: command, fault: await commandFault(command, setting) });
    if (url !== undefined) results.push({ check: url, fault: await probeFault(url) });
    if (install === true) results.push({ check: "install", fault: await installFault(setting) });
  }
  return results;
}

/** It is code of the repository: it gets no credential of a registry. */
async function commandFault(
  command: string,
  { root, env, npmrc, channel }: HealthSetting,
): Promise<string | null> {
  return faultOf("sh", ["-c", command], {
    cwd: root,
    env: { ...withoutCredentials(env, npmrc), SLIPWAY_CHANNEL: channel },
  });
}

async function probeFault(url: string): Promise<string | null> {
  try {
    const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(probeTimeoutMs) });
    return ok ? null : `it answers ${status}`;
  } catch (error) {
    return `it does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** As a user who has nothing yet: by the channel's name, with the registries and credentials that the repository has. */
async function installFault({ root, env, channel, packages }: HealthSetting): Promise<string | null> {
  const scratch = makeScratchFolder("health");
  try {
    await writeFile(join(scratch.path, "package.json"), '{ "private": true }\n');
    await writeFile(join(scratch.path, ".npmrc"), (await readText(join(root, ".npmrc"))) ?? "");
    const names = packages.map(({ name }) => `${name}@${channel}`);
    const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--cache", join(scratch.path, "cache")];
    return await faultOf("npm", ["install", ...quiet, ...names], { cwd: scratch.path, env });
  } finally {
    scratch.remove();
  }
}

async function faultOf(
  program: string,
  args: readonly string[],
  place: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<string | null> {
  const { exitCode, stdout, stderr } = await runBounded(program, args, {
    ...place,
    timeoutMs: commandTimeoutMs,
  });
  if (exitCode === 0) return null;
  const said = `${stdout}\n${stderr}`.trim().split("\n").slice(-3).join(" ").slice(-300);
  return `${exitCode === null ? "its time was up" : `it ended with ${exitCode}`} ${said}`.trim();
}
