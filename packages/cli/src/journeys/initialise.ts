import { openRepository } from "@slipway/host";
import { isRecord, type ExitStatus } from "@slipway/kernel";
import type { Workspace } from "@slipway/workspace";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Outside } from "../command.ts";
import { plural } from "../report/text.ts";
import { warningText } from "../report-error.ts";
import { loadWorkspace } from "../wire/load-workspace.ts";

/** What `init --json` prints. */
interface InitPlan {
  readonly schema: 1;
  readonly found: readonly string[];
  /** Files that are not there and would be written, whole. */
  readonly writes: readonly { readonly path: string; readonly text: string }[];
}

/** `slipway init`: says what is there, and writes what a release needs and what is not. */
export async function initialise(
  flags: { readonly plan: boolean; readonly json: boolean },
  outside: Outside,
): Promise<ExitStatus> {
  const { root, workspace } = loadWorkspace(outside.cwd);
  for (const warning of workspace.warnings) outside.say(warningText(warning));
  const files = {
    ".changeset/config.json": `${JSON.stringify(changesetConfig(workspace, await baseBranch(root, outside)), null, 2)}\n`,
    ".changeset/README.md": readme,
  };
  const missing = Object.entries(files).filter(([path]) => !existsSync(join(root, path)));
  const plan: InitPlan = {
    schema: 1,
    found: found(workspace),
    writes: missing.map(([path, text]) => ({ path, text })),
  };
  if (!flags.plan) {
    for (const { path, text } of plan.writes) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      // Fails rather than overwrites what appeared meanwhile.
      writeFileSync(join(root, path), text, { flag: "wx" });
    }
  }
  outside.answer(flags.json ? JSON.stringify(plan, null, 2) : planText(plan, flags.plan));
  return 0;
}

function found({ manager, packages, tasks }: Workspace): string[] {
  const publishable = packages.filter((each) => !each.private && each.version !== null).length;
  const beside = tasks.others.filter((other) => other !== "scripts");
  return [
    `${plural(packages.length, "package")}, ${publishable} of them publishable`,
    `package manager: ${manager.name}${manager.version === null ? "" : ` ${manager.version}`} (${manager.because})`,
    `tasks: from ${tasks.source}, because ${tasks.because}${beside.length > 0 ? `; also there: ${beside.join(", ")}` : ""}`,
  ];
}

/** The branch that origin calls its own, else the one that is checked out. */
async function baseBranch(root: string, { env }: Outside): Promise<string> {
  try {
    const git = await openRepository(root, env);
    const ofOrigin = await git.symbolicRef("refs/remotes/origin/HEAD");
    return ofOrigin?.replace(/^origin\//, "") ?? (await git.symbolicRef("HEAD")) ?? "main";
  } catch {
    return "main";
  }
}

/** The defaults of Changesets, written out, so that the first thing somebody looks for is there to be changed. */
function changesetConfig({ packages }: Workspace, branch: string): object {
  const scoped = packages.filter(({ name, private: isPrivate }) => !isPrivate && name.startsWith("@"));
  const isOpen = scoped.every(({ manifest }) => {
    const config = manifest["publishConfig"];
    return isRecord(config) && config["access"] === "public";
  });
  return {
    $schema: "https://unpkg.com/@changesets/config@4.0.1/schema.json",
    changelog: "@changesets/cli/changelog",
    commit: false,
    fixed: [],
    linked: [],
    access: scoped.length > 0 && isOpen ? "public" : "restricted",
    baseBranch: branch,
    updateInternalDependencies: "patch",
    ignore: [],
  };
}

const readme = `# Changesets

Each file here says which packages a change concerns, how much (major, minor, patch), and what their users will read
about it. \`slipway change\` writes one; \`slipway version\` turns them into versions and changelogs.
`;

function planText({ found: facts, writes }: InitPlan, isPlan: boolean): string {
  const verb = isPlan ? "would write" : "wrote";
  const written =
    writes.length === 0
      ? ["nothing to write: everything is there"]
      : writes.map(({ path }) => `${verb} ${path}`);
  return [
    ...facts,
    ...written,
    "next: `slipway run build --plan`, `slipway change`, `slipway rehearse`",
  ].join("\n");
}
