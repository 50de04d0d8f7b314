import { spawn } from "node:child_process";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateWorkspace } from "../../bench/generate.ts";

const program = join(import.meta.dirname, "../../../packages/cli/bin/slipway.cjs");

export type Chance = () => number;

export const outputsOfPackage = 10;

export interface Ran {
  /** Null when it was killed. */
  readonly exit: number | null;
  readonly tookMs: number;
  /** Tasks, by where their results came from. */
  readonly putBack: number;
  readonly inPlace: number;
  readonly missed: number;
}

/** A generated workspace whose builds copy: what an output has to be stands beside it. */
export class Place {
  readonly #base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-restore-")));
  readonly #root = join(this.#base, "repo");
  readonly #names: readonly string[];

  constructor(packageCount: number) {
    generateWorkspace({ dir: this.#root, packageCount, seed: 1 });
    this.#names = readdirSync(join(this.#root, "packages"));
  }

  dispose(): void {
    rmSync(this.#base, { recursive: true, force: true });
  }

  /** From a few packages to all, each by its whole directory or by single files. */
  harmOutputs(chance: Chance): number {
    const share = chance() < 0.4 ? 1 : chance() ** 2;
    let count = 0;
    for (const name of this.#names) {
      if (chance() >= share) continue;
      const dist = join(this.#root, "packages", name, "dist");
      const file = join(dist, `file-${Math.floor(chance() * outputsOfPackage)}.ts`);
      const how = chance();
      if (how < 0.7) rmSync(dist, { recursive: true, force: true });
      else if (how < 0.9) rmSync(file, { force: true });
      else writeFileSync(file, "somebody else's");
      count++;
    }
    return count;
  }

  editSources(chance: Chance): number {
    const count = 1 + Math.floor(chance() * 3);
    for (let at = 0; at < count; at++) {
      const name = this.#names[Math.floor(chance() * this.#names.length)] ?? "";
      appendFileSync(join(this.#root, "packages", name, "src/file-0.ts"), `// ${chance()}\n`);
    }
    return count;
  }

  harmStore(chance: Chance): number {
    const store = join(this.#base, "cache/slipway/store/v1/ac");
    const entries = readdirSync(store, { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    const count = 1 + Math.floor(chance() * 4);
    for (let at = 0; at < count; at++) {
      const entry = entries[Math.floor(chance() * entries.length)];
      if (!entry) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = readOrEmpty(path);
      const how = chance();
      const place = Math.floor(chance() * bytes.length);
      if (how < 0.3) rmSync(path, { force: true });
      else if (how < 0.5) writeFileSync(path, bytes.subarray(0, place));
      else writeFileSync(path, Buffer.from(bytes.map((byte, index) => (index === place ? byte ^ 1 : byte))));
    }
    return count;
  }

  /** What of the outputs is not what its source is; null: nothing. */
  difference(runs: readonly (Ran | null)[]): string | null {
    const exits = runs.flatMap((ran) => (ran ? [ran.exit] : []));
    if (exits.some((exit) => exit !== 0)) return `the run ended with ${exits.join(" and ")}`;
    for (const name of this.#names) {
      for (let at = 0; at < outputsOfPackage; at++) {
        const [made, source] = ["dist", "src"].map((dir) =>
          readOrEmpty(join(this.#root, "packages", name, dir, `file-${at}.ts`)),
        );
        if (!made || !source?.equals(made))
          return `packages/${name}/dist/file-${at}.ts is not what a build makes`;
      }
    }
    return null;
  }

  run(cut: { readonly signal: NodeJS.Signals; readonly afterMs: number } | null = null): Promise<Ran> {
    const { PATH = "" } = process.env;
    const startedMs = performance.now();
    const child = spawn(process.execPath, [program, "run", "build", "--json"], {
      cwd: this.#root,
      env: {
        PATH,
        HOME: this.#base,
        XDG_CACHE_HOME: join(this.#base, "cache"),
        SLIPWAY_SECOND_THREAD_FROM: "1",
      },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const timer = cut && setTimeout(() => child.kill(cut.signal), cut.afterMs);
    let told = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (told += piece));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit) => {
        if (timer) clearTimeout(timer);
        resolve({ exit, tookMs: performance.now() - startedMs, ...ends(told) });
      });
    });
  }
}

function readOrEmpty(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

/** @param told events, one JSON a line; the last may be cut off */
function ends(told: string): Pick<Ran, "putBack" | "inPlace" | "missed"> {
  const lines = told.split("\n").slice(0, -1);
  const tasks = lines
    .map((line) => JSON.parse(line) as { type: string; cache?: string; from?: string })
    .filter(({ type }) => type === "task");
  const count = (from: string): number => tasks.filter((task) => task.from === from).length;
  const missed = tasks.filter(({ cache }) => cache === "miss").length;
  return { putBack: count("store"), inPlace: count("work-tree"), missed };
}
