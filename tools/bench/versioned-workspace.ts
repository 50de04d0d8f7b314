import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface VersionedWorkspace {
  readonly packages: number;
  readonly changesets: number;
  /** Changesets that were written, consumed and committed before; each costs a commit of its own. */
  readonly history: number;
  /** Other commits between two pending changesets, as a project's daily work makes them. */
  readonly between: number;
  readonly generation: 2 | 3;
  readonly lockfile: boolean;
}

const SCHEMAS = { 2: "3.1.2", 3: "4.0.1" } as const;

/** A workspace in a git repository: each package needs two before it, each pending changeset has a commit of its own. */
export function makeVersionedWorkspace(dir: string, asked: VersionedWorkspace): void {
  const files = new Map<string, string>();
  files.set("package.json", json({ name: "bench", private: true, version: "0.0.0" }));
  // pnpm's own versioning else keeps changelogs for its registry.
  files.set(
    "pnpm-workspace.yaml",
    "packages:\n  - packages/*\nversioning:\n  changelog:\n    storage: repository\n",
  );
  files.set(
    ".changeset/config.json",
    json({
      $schema: `https://unpkg.com/@changesets/config@${SCHEMAS[asked.generation]}/schema.json`,
      changelog: "@changesets/cli/changelog",
      commit: false,
      access: "public",
      baseBranch: "main",
    }),
  );
  const importers: string[] = ["  .: {}\n"];
  for (let at = 0; at < asked.packages; at++) {
    const needs = [at - 1, Math.floor(at / 2) - 1].filter((each) => each >= 0 && each !== at);
    const dependencies = Object.fromEntries(
      [...new Set(needs)].map((each) => [nameOf(each), "workspace:^1.0.0"]),
    );
    files.set(
      `packages/pkg-${String(at).padStart(4, "0")}/package.json`,
      json({ name: nameOf(at), version: "1.0.0", ...(needs.length > 0 ? { dependencies } : {}) }),
    );
    importers.push(importer(at, dependencies));
  }
  if (asked.lockfile)
    files.set("pnpm-lock.yaml", `lockfileVersion: '9.0'\n\nimporters:\n\n${importers.join("\n")}`);
  const bumps = ["patch", "minor", "patch", "major"] as const;
  const changeset = (at: number): string =>
    `---\n"${nameOf((at * 37) % asked.packages)}": ${bumps[at % bumps.length]}\n---\n\nChange number ${at}, with some words for users\n`;
  const stream = new CommitStream();
  stream.commit(files, []);
  for (let at = 0; at < asked.history; at++) {
    const path = `.changeset/old-${at}.md`;
    stream.commit(new Map([[path, changeset(at)]]), at > 0 ? [`.changeset/old-${at - 1}.md`] : []);
  }
  if (asked.history > 0) stream.commit(new Map(), [`.changeset/old-${asked.history - 1}.md`]);
  for (let at = 0; at < asked.changesets; at++) {
    for (let work = 0; work < asked.between; work++) {
      const path = `packages/pkg-${String((at * 31 + work * 7) % asked.packages).padStart(4, "0")}/index.js`;
      stream.commit(new Map([[path, `export default ${at * asked.between + work};\n`]]), []);
    }
    stream.commit(new Map([[`.changeset/change-${String(at).padStart(5, "0")}.md`, changeset(at)]]), []);
  }
  mkdirSync(dir, { recursive: true });
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: dir });
  execFileSync("git", ["fast-import", "--quiet"], { cwd: dir, input: stream.text() });
  execFileSync("git", ["reset", "-q", "--hard", "main"], { cwd: dir });
  // One pack and no commit graph: what a clone in CI has.
  execFileSync("git", ["repack", "-adq"], { cwd: dir });
  writeFileSync(join(dir, ".git/info/exclude"), "node_modules\n");
}

/** The commits as `git fast-import` reads them. */
class CommitStream {
  private readonly parts: string[] = [];
  private seconds = 1_700_000_000;

  commit(files: ReadonlyMap<string, string>, removed: readonly string[]): void {
    this.seconds += 60;
    const lines = [
      "commit refs/heads/main",
      `committer Bench <bench@example.com> ${this.seconds} +0000`,
      "data 6",
      "change",
    ];
    for (const path of removed) lines.push(`D ${path}`);
    for (const [path, text] of files)
      lines.push(`M 100644 inline ${path}`, `data ${Buffer.byteLength(text)}`, text);
    this.parts.push(`${lines.join("\n")}\n`);
  }

  text(): string {
    return this.parts.join("\n");
  }
}

function importer(at: number, dependencies: Readonly<Record<string, string>>): string {
  const lines = Object.entries(dependencies).map(
    ([name, range]) =>
      `      '${name}':\n        specifier: ${range}\n        version: link:../${name.slice("@bench/".length)}\n`,
  );
  const key = `  packages/pkg-${String(at).padStart(4, "0")}:`;
  return lines.length === 0 ? `${key} {}\n` : `${key}\n    dependencies:\n${lines.join("")}`;
}

function nameOf(at: number): string {
  return `@bench/pkg-${String(at).padStart(4, "0")}`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
