import { makeScratchFolder } from "@slipway/host";
import { UserError, type ExitStatus } from "@slipway/kernel";
import { readNpmrc, registryClient, startVerdaccio, type PackedTarball } from "@slipway/registry";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Outside } from "../command.ts";
import { plural } from "../report/text.ts";
import { warningText } from "../report-error.ts";
import { loadWorkspace, type LoadedWorkspace } from "../wire/load-workspace.ts";
import { sealPackages } from "./seal-packages.ts";

/** `slipway registry`: an embedded registry with the workspace's packages, until somebody ends it. */
export async function serveRegistry(port: number, outside: Outside): Promise<ExitStatus> {
  const loaded = loadWorkspace(outside.cwd);
  for (const warning of loaded.workspace.warnings) outside.say(warningText(warning));
  const stopped = aborted(outside.signal);
  const scratch = makeScratchFolder("registry");
  try {
    const sealed = await packAsTheyStand(loaded, join(scratch.path, "packed"), outside);
    const npmrc = readNpmrc(loaded.root, outside.env);
    const server = await startVerdaccio({
      storage: join(scratch.path, "storage"),
      port,
      uplink: npmrc.target(npmrc.registry),
      scopes: Object.fromEntries(
        Object.entries(npmrc.scopes).map(([scope, url]) => [scope, npmrc.target(url)]),
      ),
      own: sealed.map(({ name }) => name),
    });
    try {
      await publishAll(server.url, sealed, outside);
      outside.answer(server.url);
      outside.say(usage(server.url, sealed));
      await stopped;
      return 0;
    } finally {
      await server.close();
    }
  } finally {
    scratch.remove();
  }
}

function packAsTheyStand(
  { root, workspace }: LoadedWorkspace,
  to: string,
  outside: Outside,
): Promise<PackedTarball[]> {
  const publishable = workspace.packages.filter((each) => !each.private && each.version !== null);
  if (publishable.length === 0) {
    throw new UserError(
      "registry/nothing-to-serve",
      "this workspace has no package that could be published",
      {
        hint: "a package is published when it has a name and a version and is not private",
      },
    );
  }
  return sealPackages({
    root,
    workspace,
    names: publishable.map(({ name }) => name),
    to,
    env: outside.env,
    runScripts: null,
  });
}

async function publishAll(url: string, sealed: readonly PackedTarball[], outside: Outside): Promise<void> {
  // Verdaccio lets everybody publish; clients only insist on having some token.
  const client = registryClient({ url, auth: { kind: "bearer", token: "anybody" } });
  for (const tarball of sealed) {
    const bytes = await readFile(tarball.path);
    const answer = await client.upload({ tarball, bytes, tag: "latest", access: null, metadata: {} });
    if (answer.outcome !== "accepted") {
      const message = `the embedded registry did not take ${tarball.name}@${tarball.version}: ${answer.message}`;
      throw new UserError("registry/not-started", message);
    }
    outside.say(`published ${tarball.name}@${tarball.version}`);
  }
}

function usage(url: string, sealed: readonly PackedTarball[]): string {
  const [first] = sealed;
  return [
    `${plural(sealed.length, "package")} served; everything else is read through. In another folder:`,
    `  npm install ${first?.name ?? "NAME"} --registry ${url}`,
    "Ctrl-C ends it.",
  ].join("\n");
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
