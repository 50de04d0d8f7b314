import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, test } from "vitest";
import { onDemand } from "../../../../tools/on-demand.ts";

const slipway = fileURLToPath(new URL("../../bin/slipway.cjs", import.meta.url));
const managers = onDemand("managers");
const base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-managers-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));

interface Manager {
  readonly title: string;
  readonly name: "pnpm" | "npm" | "yarn" | "bun";
  /** Below node_modules of tools/managers. */
  readonly program: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly range?: string;
  readonly prePost?: false;
  /** Variables of which docs/compatibility.md says why they differ. */
  readonly differ: readonly string[];
}

/** What Slipway adds, whoever the manager is. */
const added = ["SLIPWAY_WITHIN"];

/** Which node it is: the caller's, by the name under which it was found, or the manager's own. */
const node = ["NODE", "npm_node_execpath"];

const cases: readonly Manager[] = [
  {
    title: "pnpm",
    name: "pnpm",
    program: ["@pnpm/exe.linux-x64/pnpm", "@pnpm/exe.linux-arm64/pnpm"],
    files: { "pnpm-workspace.yaml": "packages:\n  - packages/*\n" },
    range: "workspace:*",
    differ: ["PATH", "npm_config_user_agent", "npm_config_verify_deps_before_run"],
  },
  {
    title: "npm",
    name: "npm",
    program: ["npm/bin/npm-cli.js"],
    differ: [...node, "PATH", "COLOR", "EDITOR", "npm_command", "npm_config_user_agent", "npm_config_*"],
  },
  {
    title: "Yarn 1",
    name: "yarn",
    program: ["yarn/bin/yarn.js"],
    differ: [
      ...node,
      "PATH",
      "YARN_WRAP_OUTPUT",
      "npm_command",
      "npm_config_*",
      "npm_package_author*",
      "npm_package_homepage",
      "npm_package_json",
    ],
  },
  {
    title: "Yarn 4 with node_modules",
    name: "yarn",
    program: ["@yarnpkg/cli-dist/bin/yarn.js"],
    files: { ".yarnrc.yml": "nodeLinker: node-modules\nenableTelemetry: false\n" },
    range: "workspace:*",
    prePost: false,
    differ: [
      ...node,
      "PATH",
      "BERRY_BIN_FOLDER",
      "npm_command",
      "npm_execpath",
      "npm_config_user_agent",
      "npm_lifecycle_script",
      "npm_package_bin_app",
      "npm_package_config_*",
      "npm_package_engines_node",
    ],
  },
  {
    title: "Yarn 4 with Plug'n'Play",
    name: "yarn",
    program: ["@yarnpkg/cli-dist/bin/yarn.js"],
    files: { ".yarnrc.yml": "nodeLinker: pnp\nenableTelemetry: false\n" },
    range: "workspace:*",
    prePost: false,
    // Folders that yarn makes anew for each run.
    differ: ["PATH", "BERRY_BIN_FOLDER", "npm_execpath", "npm_node_execpath"],
  },
  {
    title: "bun",
    name: "bun",
    program: ["@oven/bun-linux-x64/bin/bun", "@oven/bun-linux-aarch64/bin/bun"],
    range: "workspace:*",
    differ: [
      "PATH",
      "INIT_CWD",
      "SHLVL",
      "_",
      "npm_config_local_prefix",
      "npm_config_user_agent",
      "npm_package_bin_app",
      "npm_package_config_*",
      "npm_package_engines_node",
    ],
  },
];

interface Seen {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where a package of the workspace is loaded from, and what a program of it says. */
  readonly lib: string | null;
  readonly tool: string;
}

describe("missing" in managers ? "without the managers" : "a script of a package sees", () => {
  test.concurrent.for(cases)("what $title gives it", async (manager, { skip, expect }) => {
    if ("missing" in managers) return skip(managers.missing);
    const program = manager.program
      .map((path) => join(managers.folder, path))
      .find((path) => existsSync(path));
    if (program === undefined) return skip(`${manager.title} has no program for this system`);
    const place = workspaceOf(manager, program);
    const argv = program.endsWith("js") ? [process.execPath, program] : [program];
    await start(place, [...argv, "install"], place.root);
    const theirs = await shown(place, [...argv, "run", "show"]);
    const ours = await shown(place, [process.execPath, slipway, "run", "show"]);
    const names = [...new Set([...Object.keys(theirs.main.env), ...Object.keys(ours.main.env)])].toSorted();
    const differing = names.filter((name) => theirs.main.env[name] !== ours.main.env[name]);
    const explained = [...added, ...manager.differ];
    const isExplained = (name: string): boolean => explained.some((one) => matches(one, name));
    expect(differing.filter((name) => !isExplained(name))).toEqual([]);
    // What is explained and does not differ any more needs no explanation.
    expect(explained.filter((one) => !differing.some((name) => matches(one, name)))).toEqual([]);
    expect({ ...ours.main, env: {} }).toEqual({ ...theirs.main, env: {} });
    expect([ours.pre !== null, ours.post !== null]).toEqual([theirs.pre !== null, theirs.post !== null]);
    expect(ours.pre !== null).toBe(manager.prePost !== false);
    expect(
      binDirs(theirs.main, place.root).filter((dir) => !binDirs(ours.main, place.root).includes(dir)),
    ).toEqual([]);
  });
});

function matches(one: string, name: string): boolean {
  return one === name || (one.endsWith("*") && name.startsWith(one.slice(0, -1)));
}

/** Within the repository: what lies above it is somebody else's. */
function binDirs({ env }: Seen, root: string): string[] {
  return (env["PATH"] ?? "").split(":").filter((dir) => dir.startsWith(`${root}/`));
}

interface Place {
  readonly home: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

function workspaceOf({ title, name, files = {}, range = "1.0.0" }: Manager, program: string): Place {
  const home = join(base, title.replaceAll(/\W/g, "-"));
  const root = join(home, "repo");
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text, { mode: 0o755 });
  };
  const scripts = {
    preshow: "node ../../show.cjs pre",
    show: "node ../../show.cjs main",
    postshow: "node ../../show.cjs post",
  };
  const about = {
    description: "an app",
    author: "me",
    homepage: "h",
    keywords: ["x"],
    license: "MIT",
    main: "m.js",
  };
  const app = {
    name: "@acme/app",
    version: "1.2.3",
    ...about,
    bin: { app: "x.cjs" },
    engines: { node: ">=20" },
  };
  const config = { port: "8080", deep: { a: 1 } };
  write(
    "repo/package.json",
    JSON.stringify({
      name: "root",
      private: true,
      ...(name === "pnpm" ? {} : { workspaces: ["packages/*"] }),
    }),
  );
  write(
    "repo/packages/app/package.json",
    JSON.stringify({ ...app, config, scripts, dependencies: { lib: range } }),
  );
  write("repo/packages/app/x.cjs", "#!/usr/bin/env node\n");
  write(
    "repo/packages/lib/package.json",
    JSON.stringify({ name: "lib", version: "1.0.0", bin: { libtool: "t.cjs" } }),
  );
  write("repo/packages/lib/t.cjs", "#!/usr/bin/env node\nconsole.log('a tool');\n");
  write("repo/show.cjs", show);
  for (const [path, text] of Object.entries(files)) write(`repo/${path}`, text);
  mkdirSync(join(home, "bin"));
  symlinkSync(process.execPath, join(home, "bin/node"));
  symlinkSync(program, join(home, `bin/${name}`));
  execFileSync("git", ["init", "-q"], { cwd: root });
  const quiet = { YARN_ENABLE_IMMUTABLE_INSTALLS: "false", npm_config_fetch_retries: "0" };
  return {
    home,
    root,
    env: { PATH: `${home}/bin:/usr/bin:/bin`, HOME: home, LANG: "C", OWN: "variable", ...quiet },
  };
}

const show = `
const { execSync } = require("node:child_process");
const attempt = (act) => { try { return act(); } catch { return null; } };
const lib = attempt(() => require.resolve("lib/package.json", { paths: [process.cwd()] }));
const tool = attempt(() => execSync("libtool", { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim());
const seen = { env: process.env, cwd: process.cwd(), lib, tool };
require("node:fs").writeFileSync(process.env.HOME + "/" + process.argv[2] + ".json", JSON.stringify(seen));
`;

async function start({ env }: Place, [program = "", ...args]: readonly string[], cwd: string): Promise<void> {
  try {
    await promisify(execFile)(program, args, { cwd, env });
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { readonly stdout: string; readonly stderr: string };
    throw new Error(`${message}\n${stdout}${stderr}`, { cause: error });
  }
}

interface Shown {
  readonly main: Seen;
  readonly pre: Seen | null;
  readonly post: Seen | null;
}

async function shown(place: Place, argv: readonly string[]): Promise<Shown> {
  await start(place, argv, join(place.root, "packages/app"));
  const take = (name: string): Seen | null => {
    const path = join(place.home, `${name}.json`);
    if (!existsSync(path)) return null;
    const seen = JSON.parse(readFileSync(path, "utf8")) as Seen;
    rmSync(path);
    return seen;
  };
  const main = take("main");
  if (!main) throw new Error("the script has not run");
  return { main, pre: take("pre"), post: take("post") };
}
