/**
 * Runs the heavy proofs whole: `npm run prove [NAME...] [-- --seed N] [--slice]`; some need
 * `--repository PATH` (several) and take `--commits N`, `--cases N` and `--parts FOLDER`. Each that holds writes
 * docs/proofs/NAME.md: what was shown, with which versions, seed and date, and by which command.
 */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { didYouMean } from "@slipway/kernel";

/** What a file in tools/prove exports as `prove`. */
export type Prove = (options: ProveOptions) => Promise<Proof | Skipped>;

export interface ProveOptions {
  readonly seed: number;
  /** False: only the slice that the tests run. */
  readonly full: boolean;
  /** Of others, on this machine: what is shown with their help is shown of them. */
  readonly repositories: readonly string[];
  readonly commits?: number;
  /** A folder for the figures of each repository or range of seeds, so that a long proof can be made in parts. */
  readonly parts?: string;
  /** At most so many cases of a proof that is a row of cases. */
  readonly cases?: number;
  log(line: string): void;
}

export interface Skipped {
  readonly name: string;
  readonly skipped: string;
}

export interface Proof {
  readonly name: string;
  readonly summary: string;
  readonly figures: Readonly<Record<string, number | string>>;
  /** How many cases did not hold. */
  readonly failed: number;
  /** More than figures can say, under them. */
  readonly tables?: readonly Table[];
  /** Of all parts, when it was shown in parts. */
  readonly tookMs?: number;
}

export interface Table {
  readonly title: string;
  /** What one has to know to read it. */
  readonly words?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const root = join(import.meta.dirname, "..");
const SEED = 20_261_123;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: "string", default: String(SEED) },
      slice: { type: "boolean", default: false },
      repository: { type: "string", multiple: true, default: [] },
      commits: { type: "string" },
      parts: { type: "string" },
      cases: { type: "string" },
    },
  });
  const known = (await readdir(join(root, "tools/prove")))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .toSorted();
  const strangers = positionals.filter((name) => !known.includes(name));
  for (const name of strangers) {
    const nearest = didYouMean(name, known);
    console.error(
      `there is no proof "${name}"${nearest ? `; did you mean ${nearest}?` : `: ${known.join(", ")}`}`,
    );
  }
  if (strangers.length > 0) process.exit(2);
  const chosen = positionals.length > 0 ? positionals : known;
  let failed = 0;
  const options = {
    seed: Number(values.seed),
    full: !values.slice,
    repositories: values.repository,
    ...(values.commits === undefined ? {} : { commits: Number(values.commits) }),
    ...(values.parts === undefined ? {} : { parts: values.parts }),
    ...(values.cases === undefined ? {} : { cases: Number(values.cases) }),
    log: (line: string) => console.log(`  ${line}`),
  };
  for (const name of chosen) failed += await proven(name, options);
  console.log(`${chosen.length} proofs, ${failed} cases failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function proven(file: string, options: ProveOptions): Promise<number> {
  const { seed, full } = options;
  const { prove } = (await import(`./prove/${file}.ts`)) as { prove: Prove };
  console.log(`proving ${file} (seed ${seed})`);
  const startedMs = performance.now();
  const proof = await prove(options);
  if ("skipped" in proof) {
    console.log(`  skipped: ${proof.skipped}`);
    return 0;
  }
  const tookS = (proof.tookMs ?? performance.now() - startedMs) / 1000;
  const flags = [
    ...(full ? [] : ["--slice"]),
    ...(options.parts === undefined ? [] : ["--parts FOLDER"]),
    ...(options.cases === undefined ? [] : [`--cases ${options.cases}`]),
  ];
  const text = page(file, proof, { seed, tookS, flags });
  console.log(text.replace(/^/gm, "  "));
  // A page says what holds.
  if (full && proof.failed === 0) {
    await mkdir(join(root, "docs/proofs"), { recursive: true });
    await writeFile(join(root, `docs/proofs/${file}.md`), text);
  }
  return proof.failed;
}

function page(
  file: string,
  proof: Proof,
  run: { readonly seed: number; readonly tookS: number; readonly flags: readonly string[] },
): string {
  const rows = Object.entries(proof.figures).map(([name, value]) => `| ${name} | ${value} |`);
  const command = ["npm run prove --", file, "--seed", run.seed, ...run.flags].join(" ");
  return [
    `# ${proof.name}`,
    "",
    proof.summary,
    "",
    "| what | figure |",
    "| --- | --- |",
    ...rows,
    `| failed | ${proof.failed} |`,
    "",
    ...(proof.tables ?? []).flatMap(tableLines),
    `Shown ${new Date().toISOString().slice(0, 10)} in ${run.tookS.toFixed(1)} s by \`${command}\``,
    `(Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} processors).`,
    "",
  ].join("\n");
}

function tableLines({ title, words, head, rows }: Table): string[] {
  return [
    `## ${title}`,
    "",
    ...(words === undefined ? [] : [words, ""]),
    lineOf(head),
    lineOf(head.map(() => "---")),
    ...rows.map(lineOf),
    "",
  ];
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}
