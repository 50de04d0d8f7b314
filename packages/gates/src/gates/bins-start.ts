import { isRecord } from "@slipway/kernel";
import { isPacked, packedPath } from "../entry-points.ts";
import { excuseOtherNode } from "../excuse-other-node.ts";
import type { Finding, Gate, GateSubject, Installation, Ran } from "../types.ts";

const startTimeoutMs = 20_000;

/** Each command starts: it answers `--version` or `--help`, or at least ends by itself without a crash of its own. */
export const binsStart: Gate = {
  name: "bins-start",
  consumes: true,
  check: async (subject, ports) => {
    const bins = binsOf(subject);
    if (bins.length === 0) return { faults: [], remarks: [], skipped: "it has no bin" };
    const paths = new Set(subject.files.paths);
    const missing = bins.filter(({ target }) => !isPacked(target, paths) && !isPacked(`${target}.js`, paths));
    const faults = missing.map(({ bin, target }): Finding => ({
      code: "bin-missing",
      args: { bin, target },
    }));
    const installation = await ports.install(subject.name, subject.version);
    if (!installation.ok)
      return { faults, remarks: [], ...(faults.length > 0 ? {} : { skipped: "it does not install" }) };
    const remarks: Finding[] = [];
    const crashes: Finding[] = [];
    for (const { bin } of bins.filter((each) => !missing.includes(each))) {
      const finding = await started(installation, bin);
      if (finding) (finding.code === "bin-keeps-running" ? remarks : crashes).push(finding);
    }
    const excused = await excuseOtherNode(subject, installation, { faults: crashes, remarks });
    return { faults: [...faults, ...excused.faults], remarks: excused.remarks };
  },
};

interface Bin {
  readonly bin: string;
  readonly target: string;
}

function binsOf({ name, manifest }: GateSubject): readonly Bin[] {
  const { bin } = manifest;
  if (typeof bin === "string") return [{ bin: name.replace(/^@[^/]*\//, ""), target: packedPath(bin) }];
  if (!isRecord(bin)) return [];
  return Object.entries(bin).map(([key, target]) => ({ bin: key, target: packedPath(String(target)) }));
}

async function started(installation: Installation & { ok: true }, bin: string): Promise<Finding | null> {
  const version = await installation.runBin(bin, ["--version"], startTimeoutMs);
  if (version.exitCode === 0) return null;
  const help = await installation.runBin(bin, ["--help"], startTimeoutMs);
  if (help.exitCode === 0) return null;
  if (help.timedOut || version.timedOut) return { code: "bin-keeps-running", args: { bin } };
  const crash = crashOf(help) ?? crashOf(version);
  return crash === null ? null : { code: "bin-crashed", args: { bin, message: crash } };
}

/** The line that says why a process could not even start; null when it ended as it meant to, usage error or not. */
function crashOf({ exitCode, stderr }: Ran): string | null {
  if (exitCode === null || exitCode === 126 || exitCode === 127)
    return lastLine(stderr) || "killed by a signal";
  const line = stderr
    .split("\n")
    .find((each) =>
      /^(SyntaxError|ReferenceError|TypeError|Error: Cannot find (module|package))|\bERR_[A-Z_]+\b/.test(
        each,
      ),
    );
  return line === undefined || !/^\s+at /m.test(stderr) ? null : line.trim();
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
