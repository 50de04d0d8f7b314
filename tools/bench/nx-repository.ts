import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The newest release of nx whose plugins are all of one version, with the TypeScript that it works with. */
const devDependencies = {
  "@nx/js": "23.2.1",
  "@nx/vite": "23.2.1",
  "@nx/vitest": "23.2.1",
  "@swc-node/register": "1.12.1",
  "@swc/core": "1.16.22",
  "@types/node": "22.20.5",
  nx: "23.2.1",
  tslib: "2.8.1",
  typescript: "5.9.3",
  vite: "7.3.8",
  vitest: "3.2.7",
};

const libraries = 12;
const filesPerLibrary = 6;

/**
 * Writes and installs (with npm, some 30 s) an nx repository: libraries that `@nx/js:tsc` builds, and two applications
 * whose targets `@nx/vite/plugin` infers. Committed, with nothing built.
 */
export function generateNxRepository(root: string): void {
  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content, null, 2));
  };
  write("package.json", {
    name: "nx-repository",
    version: "0.0.0",
    private: true,
    license: "MIT",
    devDependencies,
  });
  write(".gitignore", "node_modules\ndist\n.nx\n");
  write("nx.json", {
    plugins: ["@nx/vite/plugin"],
    targetDefaults: { "@nx/js:tsc": { cache: true, dependsOn: ["^build"] } },
    analytics: false,
    neverConnectToCloud: true,
  });
  const names = Array.from({ length: libraries }, (_, at) => `lib${at}`);
  const paths = Object.fromEntries(names.map((name) => [`@acme/${name}`, [`libs/${name}/src/index.ts`]]));
  write("tsconfig.base.json", {
    compilerOptions: {
      target: "es2022",
      module: "esnext",
      moduleResolution: "bundler",
      declaration: true,
      strict: true,
      skipLibCheck: true,
      rootDir: ".",
      baseUrl: ".",
      paths,
      types: [],
    },
  });
  for (const [at, name] of names.entries()) for (const [path, text] of library(name, at)) write(path, text);
  for (const app of ["web", "admin"]) for (const [path, text] of application(app)) write(path, text);
  run(root, "git", "init", "--quiet");
  run(root, "npm", "install", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error");
  run(root, "git", "add", "--all");
  run(
    root,
    "git",
    "-c",
    "user.name=bench",
    "-c",
    "user.email=bench@example.org",
    "commit",
    "--quiet",
    "-m",
    "All",
  );
}

type Files = readonly (readonly [path: string, content: unknown])[];

/** Each library needs one before it, so that several can be built at a time. */
function library(name: string, at: number): Files {
  const need = at === 0 ? null : `lib${Math.floor((at - 1) / 2)}`;
  const dir = `libs/${name}`;
  const parts = Array.from({ length: filesPerLibrary }, (_, part) => part);
  const options = {
    outputPath: `dist/${dir}`,
    main: `${dir}/src/index.ts`,
    tsConfig: `${dir}/tsconfig.lib.json`,
    assets: [`${dir}/*.md`],
  };
  const build = { executor: "@nx/js:tsc", outputs: ["{options.outputPath}"], options };
  const head = need === null ? "" : `import { total } from "@acme/${need}";\n`;
  return [
    [`${dir}/package.json`, { name: `@acme/${name}`, version: "0.0.1", private: true, license: "MIT" }],
    [`${dir}/project.json`, { name, sourceRoot: `${dir}/src`, projectType: "library", targets: { build } }],
    [`${dir}/README.md`, `# ${name}\n`],
    [`${dir}/tsconfig.lib.json`, { extends: "../../tsconfig.base.json", include: ["src/**/*.ts"] }],
    ...parts.map(
      (part) =>
        [
          `${dir}/src/part${part}.ts`,
          part === 0
            ? `${head}export const part0: number = ${need === null ? 0 : "total"};\n`
            : `export const part${part}: number = ${part};\n`,
        ] as const,
    ),
    [
      `${dir}/src/index.ts`,
      [
        ...parts.map((part) => `export { part${part} } from "./part${part}";`),
        'import { part0 } from "./part0";',
        `export const total: number = part0 + ${at};`,
        "",
      ].join("\n"),
    ],
  ];
}

function application(name: string): Files {
  const dir = `apps/${name}`;
  const config = [
    'import { fileURLToPath } from "node:url";',
    'import { defineConfig } from "vite";',
    'const libraries = fileURLToPath(new URL("../../libs/", import.meta.url));',
    "export default defineConfig({",
    "  root: import.meta.dirname,",
    `  build: { outDir: "../../dist/${dir}", emptyOutDir: true },`,
    '  resolve: { alias: [{ find: /^@acme\\/(lib\\d+)$/, replacement: libraries + "$1/src/index.ts" }] },',
    "});",
    "",
  ].join("\n");
  return [
    [`${dir}/package.json`, { name: `@acme/${name}`, version: "0.0.1", private: true, license: "MIT" }],
    [
      `${dir}/project.json`,
      { name, projectType: "application", targets: { build: { dependsOn: ["^build"] } } },
    ],
    [`${dir}/vite.config.ts`, config],
    [`${dir}/index.html`, '<!doctype html><script type="module" src="/src/main.ts"></script>'],
    [
      `${dir}/src/main.ts`,
      `import { total } from "@acme/lib${libraries - 1}";\ndocument.title = String(total);\n`,
    ],
  ];
}

function run(cwd: string, program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args[0]} failed in ${cwd}: ${stderr}`);
}
