import { allGates } from "./all-gates.ts";
import type { Check, Finding, Gate, GatePorts, GateResult, GateSubject, Verdict } from "./types.ts";

export interface GateRun {
  readonly subjects: readonly GateSubject[];
  readonly ports: GatePorts;
  readonly nowMs: () => number;
  /** How many packages are under test at once. */
  readonly concurrency: number;
  readonly gates?: readonly Gate[];
  /** Names of those whose faults count; those of others are told as warnings. All of them when not said. */
  readonly stopping?: readonly string[];
  onResult?(result: GateResult): void;
}

/** Judges every subject by every gate. Results come back in the order of subjects and gates, whatever ended first. */
export async function runGates(run: GateRun): Promise<readonly GateResult[]> {
  const results: GateResult[][] = run.subjects.map(() => []);
  const queue = run.subjects.map((subject, at) => ({ subject, at }));
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      for (const gate of run.gates ?? allGates) {
        const result = await judged(run, gate, next.subject);
        results[next.at]?.push(result);
        run.onResult?.(result);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, run.concurrency) }, worker));
  return results.flat();
}

async function judged(run: GateRun, gate: Gate, subject: GateSubject): Promise<GateResult> {
  const startedMs = run.nowMs();
  const check = await gate.check(subject, run.ports);
  const known = check.faults.length > 0 ? await knownFaults(run, gate, subject) : new Set<string>();
  const isStopping = run.stopping?.includes(gate.name) ?? true;
  const verdict = verdictOf(isStopping ? check : asRemarks(check), known);
  const durationMs = run.nowMs() - startedMs;
  return { package: subject.name, version: subject.version, gate: gate.name, verdict, durationMs };
}

/** What the version that users have now fails with: a release does not get worse by it, so it stops none. */
async function knownFaults(run: GateRun, gate: Gate, subject: GateSubject): Promise<ReadonlySet<string>> {
  const before = await run.ports.lastPublished(subject.name);
  if (!before) return new Set();
  const check = await gate.check(before, run.ports);
  return new Set(check.faults.map(identity));
}

function verdictOf(check: Check, known: ReadonlySet<string>): Verdict {
  if (check.skipped !== undefined) return { outcome: "skipped", because: check.skipped };
  const faults = check.faults.map((fault): Finding => {
    return known.has(identity(fault)) ? { ...fault, known: true } : fault;
  });
  const findings = [...faults, ...check.remarks];
  if (findings.length === 0) return { outcome: "pass" };
  return { outcome: faults.some((fault) => !fault.known) ? "fail" : "warn", findings };
}

function asRemarks({ faults, remarks, ...rest }: Check): Check {
  return { ...rest, faults: [], remarks: [...faults, ...remarks] };
}

/** Messages hold versions and paths of folders, so they are no part of what makes two findings the same. */
function identity(finding: Finding): string {
  const { message: _, ...facts } = finding.args;
  return JSON.stringify([finding.code, facts]);
}
