import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Metafile } from "esbuild";
import { bundle, writeBundle } from "../bundle.ts";

const builtin = new Set(builtinModules);

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "slipway tools "));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("tools/slipway", () => {
  const said = '#!/bin/sh\necho "$*"\n';

  /** A clone with the real script, a Node that only says how it was called, and a `node` on PATH that would bootstrap. */
  function clone(parts: { readonly built: boolean }): { script: string; PATH: string } {
    const root = join(home, "a clone");
    for (const folder of ["tools/toolchain", "packages/cli/dist", "bin"])
      mkdirSync(join(root, folder), { recursive: true });
    const script = join(root, "tools/slipway");
    writeFileSync(script, readFileSync(join(import.meta.dirname, "../slipway")), { mode: 0o755 });
    const bootstrap = `#!/bin/sh\necho "bootstrap: $(basename "$1") $2"\n[ -f "${root}/tools/toolchain/node" ] || cp "$0" "${root}/tools/toolchain/node"\n`;
    writeFileSync(join(root, "bin/node"), bootstrap, { mode: 0o755 });
    if (parts.built) {
      writeFileSync(join(root, "tools/toolchain/node"), said, { mode: 0o755 });
      writeFileSync(join(root, "packages/cli/dist/start.cjs"), "");
    }
    return { script, PATH: `${join(root, "bin")}:${process.env["PATH"]}` };
  }

  test("runs the built command on its own Node, through symbolic links and from any folder", () => {
    const { script, PATH } = clone({ built: true });
    symlinkSync(script, join(home, "absolute"));
    symlinkSync("absolute", join(home, "relative"));
    const { stdout, stderr } = spawnSync(join(home, "relative"), ["run", "a b"], {
      cwd: "/",
      env: { PATH },
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(stdout).toBe(`${join(home, "a clone/tools")}/../packages/cli/bin/slipway.cjs run a b\n`);
  });

  test("has the bootstrap build what is not built, and says so on stderr only", () => {
    const { script, PATH } = clone({ built: false });
    const { stdout, stderr } = spawnSync(script, ["--version"], { env: { PATH }, encoding: "utf8" });
    expect(stderr).toBe("bootstrap: bootstrap.mjs build\n");
    expect(stdout).toContain("bootstrap: slipway.cjs --version");
  });
});

describe("the bundle", () => {
  test("is written whole, touches nothing the second time, and leaves nothing of an earlier one", async () => {
    const made = await bundle();
    const folder = join(home, "dist");
    await writeBundle(folder, made);
    const list = () =>
      readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => statSync(join(folder, name)).isFile());
    expect(list().toSorted()).toEqual([...made.files.keys()].toSorted());
    expect(list()).toEqual(
      expect.arrayContaining(["main.js", "verdaccio-process.js", join("verdaccio", "staging.yaml")]),
    );
    // A `require` that the bundler could not follow asks for a file that is not there.
    for (const name of ["start.cjs", "start-affected.cjs"]) {
      const start = readFileSync(join(folder, name), "utf8");
      const asked = [...start.matchAll(/\brequire\d*\("(\.[^"]*)"\)/g)].map(([, path]) => path);
      expect(asked).toEqual([]);
      // A script has no `import()` that would not be called an experiment, and its code is read as one byte a letter.
      expect(start).not.toMatch(/\bimport\(|[^\0-\x7f]/);
    }
    writeFileSync(join(folder, "left-over.js"), "");
    const before = statSync(join(folder, "main.js")).mtimeMs;
    await writeBundle(folder, made);
    expect(list()).not.toContain("left-over.js");
    expect(statSync(join(folder, "main.js")).mtimeMs).toBe(before);
  });

  test("asks for nothing that is not in it, and names the licence of everything that is", async () => {
    const { files, metafile } = await bundle();
    const outside = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports
        .filter(({ external, path }) => external && !path.startsWith("node:") && !builtin.has(path))
        .map(({ path }) => path)
        .filter((path) => !files.has(path.replace(/^\.\//, ""))),
    );
    // Libraries of ours use these where somebody has installed them, and do without otherwise.
    expect([...new Set(outside)].toSorted()).toEqual(["kerberos", "supports-color"]);
    const notices = new TextDecoder().decode(files.get("THIRD-PARTY-NOTICES.txt"));
    for (const name of ["semver@", "picomatch@", "js-yaml@"]) expect(notices).toContain(name);
  });

  test("has the names that are asked of what is loaded later", async () => {
    const { files, metafile } = await bundle();
    const asked = [...files]
      .filter(([name]) => name.endsWith(".js"))
      .flatMap(([, bytes]) => {
        const text = new TextDecoder().decode(bytes);
        return [...text.matchAll(/const \{([^}]+)\} = await import\("\.\/([^"]+)"\)/g)];
      });
    expect(asked.length).toBeGreaterThan(50);
    const missing = asked.flatMap(([, names = "", file = ""]) => {
      const given = metafile.outputs[`packages/cli/dist/${file}`]?.exports ?? [];
      return names
        .split(",")
        .flatMap((name) => name.split(":")[0]?.trim() || [])
        .filter((name) => !given.includes(name))
        .map((name) => `${name} of ${file}`);
    });
    expect(missing).toEqual([]);
  });

  test("loads little before it knows which command is meant", async () => {
    const { metafile } = await bundle();
    expect(loadedBy(metafile, "main").bytes).toBeLessThan(30_000);
  });

  test("finds out that nothing happened without any library", async () => {
    const { metafile } = await bundle();
    const { libraries, bytes } = loadedBy(metafile, "main", "run", "run-tasks");
    expect([...libraries]).toEqual([]);
    expect(bytes).toBeLessThan(150_000);
  });

  test("runs tasks without the libraries that only a release needs", async () => {
    const { metafile } = await bundle();
    const { libraries } = loadedBy(
      metafile,
      "main",
      "run",
      "run-tasks",
      "run-anew",
      "plan-tasks",
      "carry-out-run",
    );
    expect([...libraries].toSorted()).toEqual(["js-yaml", "jsonc-parser", "picomatch"]);
  });
});

/** What starting these chunks loads, with all that they import at once. */
function loadedBy(metafile: Metafile, ...starts: readonly string[]) {
  const folder = "packages/cli/dist/";
  const outputs = Object.entries(metafile.outputs);
  const isStart = (path: string) =>
    starts.some((name) => new RegExp(`^${folder}${name}(-[A-Z0-9]{8})?\\.js$`).test(path));
  const loaded = new Set(outputs.map(([path]) => path).filter(isStart));
  for (const path of loaded) {
    for (const { path: next, kind, external } of metafile.outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && !external) loaded.add(next);
    }
  }
  const parts = outputs.filter(([path]) => loaded.has(path)).map(([, output]) => output);
  const inputs = parts.flatMap((output) => Object.keys(output.inputs));
  const libraries = inputs.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return { bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), libraries: new Set(libraries) };
}
