import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Contender, StepName } from "./contenders.ts";
import { generateWorkspace } from "./generate.ts";

const root = join(import.meta.dirname, "../..");

/** A workspace of one contender: the same for all but for what their formats want. */
export interface Place {
  readonly dir: string;
  readonly base: string;
  readonly count: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Writes the workspace, with a second commit that touches a package in the middle. */
export function makePlace(parent: string, count: number, contender: Contender): Place {
  const base = join(parent, `${contender.name.replaceAll(/\W+/g, "-")}-${count}`);
  const dir = join(base, "workspace");
  const bin = join(base, "bin");
  mkdirSync(bin, { recursive: true });
  // Named by path, because turbo and others start scripts by the package manager that stands on PATH.
  symlinkSync(join(root, "tools/toolchain/node_modules/@pnpm/exe.linux-x64/pnpm"), join(bin, "pnpm"));
  generateWorkspace({
    dir,
    packageCount: count,
    seed: 1,
    ...(contender.flavour ? { flavour: contender.flavour } : {}),
  });
  for (const [name, target] of Object.entries(contender.modules ?? {})) {
    mkdirSync(join(dir, "node_modules"), { recursive: true });
    symlinkSync(target, join(dir, "node_modules", name));
  }
  if (contender.modules) {
    // nx refuses a pnpm lockfile beside modules that pnpm did not install.
    writeFileSync(
      join(dir, "node_modules/.modules.yaml"),
      "layoutVersion: 5\nhoistPattern:\n  - '*'\nhoistedDependencies: {}\n",
    );
  }
  const middle = nameOf(dir, Math.floor(count / 2));
  appendFileSync(join(dir, "packages", middle, "src/file-1.ts"), "// second commit\n");
  const identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"];
  spawnSync("git", [...identity, "-c", "commit.gpgsign=false", "commit", "-qam", "Middle"], { cwd: dir });
  const modules = ["node_modules/.bin", "tools/runners/node_modules/.bin"].map((each) => join(root, each));
  const env = {
    PATH: [bin, ...modules, "/usr/bin", "/bin"].join(":"),
    HOME: base,
    XDG_CACHE_HOME: join(base, "cache"),
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    DO_NOT_TRACK: "1",
    ...contender.env,
  };
  return { dir, base, count, env };
}

/** What is so before each call of a step. */
export function prepare(step: StepName, place: Place): void {
  const { dir } = place;
  switch (step) {
    case "noop":
    case "affected":
      return;
    case "leaf":
      return appendFileSync(
        join(dir, "packages", nameOf(dir, -1), "src/file-0.ts"),
        `// ${performance.now()}\n`,
      );
    case "restore":
      return moveOutputs(place);
    case "graph":
      return forgetState(place);
    case "cold":
      moveOutputs(place);
      forgetState(place);
      for (const each of [".turbo", ".wireit", ".moon/cache", "node_modules/.cache", "../cache", "../.nx"])
        moveAside(place, each);
      for (const name of readdirSync(join(dir, "packages")))
        for (const each of [".wireit", ".turbo", "node_modules"])
          moveAside(place, join("packages", name, each));
  }
}

function moveOutputs(place: Place): void {
  for (const name of readdirSync(join(place.dir, "packages")))
    moveAside(place, join("packages", name, "dist"));
}

function forgetState(place: Place): void {
  for (const each of [".git/slipway", ".nx"]) moveAside(place, each);
}

/** Not removed: ext4 looks long for a free inode where many were freed in the last minutes, whoever asks. */
function moveAside({ dir, base }: Place, path: string): void {
  if (!existsSync(join(dir, path))) return;
  const aside = join(base, "aside", String(performance.now()));
  mkdirSync(aside, { recursive: true });
  renameSync(join(dir, path), join(aside, "moved"));
}

function nameOf(dir: string, at: number): string {
  return readdirSync(join(dir, "packages")).toSorted().at(at) ?? "";
}
