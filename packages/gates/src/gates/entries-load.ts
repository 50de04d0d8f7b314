import { excuseOtherNode } from "../excuse-other-node.ts";
import { judgeLoad, type Loaded } from "../judge-load.ts";
import { loadableEntries, type LoadableEntry } from "../loadable-entries.ts";
import type { Finding, Gate, Installation } from "../types.ts";

const loadTimeoutMs = 30_000;

/** Every entry that Node can load is loaded, as its users do it: by import, and by require where it offers that. */
export const entriesLoad: Gate = {
  name: "entries-load",
  consumes: true,
  check: async (subject, ports) => {
    const entries = loadableEntries(subject);
    if (entries.length === 0) return { faults: [], remarks: [], skipped: "it has no entry for Node" };
    const installation = await ports.install(subject.name, subject.version);
    if (!installation.ok) return { faults: [], remarks: [], skipped: "it does not install" };
    const faults: Finding[] = [];
    const remarks: Finding[] = [];
    for (const loaded of await loadAll(installation, entries)) {
      const judged = judgeLoad(loaded, subject);
      if (judged) (judged.isFault ? faults : remarks).push(judged.finding);
    }
    return excuseOtherNode(subject, installation, { faults, remarks });
  },
};

/**
 * One process for all entries that load. Where it does not survive an entry, or an entry fails (a module that was loaded by
 * half makes those after it fail, too), the next process goes on after it.
 */
async function loadAll(
  installation: Installation & { ok: true },
  entries: readonly LoadableEntry[],
): Promise<readonly Loaded[]> {
  const results: Loaded[] = [];
  while (results.length < entries.length) {
    const open = entries.slice(results.length);
    const ran = await installation.runNode(loadScript(open), loadTimeoutMs);
    const reported = ran.stdout
      .split("\n")
      .filter((line) => line.startsWith(marker))
      .map((line) => JSON.parse(line.slice(marker.length)) as Omit<Loaded, "entry">);
    results.push(
      ...open.slice(0, reported.length).map((entry, at) => Object.assign({ entry }, reported[at])),
    );
    if (reported.at(-1)?.ok === false) continue;
    const stuck = open[reported.length];
    if (!stuck) break;
    const code = ran.timedOut ? "TIMED_OUT" : "ENDED";
    const message = `exit ${ran.exitCode ?? "by a signal"} ${ran.stderr.slice(-500)}`.trim();
    results.push({ entry: stuck, ok: false, name: "", code, message });
  }
  return results;
}

const marker = "@@slipway ";

/** A module's text. It prints one line an entry, and leaves at once: what an entry keeps running is not waited for. */
function loadScript(entries: readonly LoadableEntry[]): string {
  return `
import { createRequire } from "node:module";
import { writeSync } from "node:fs";
const require = createRequire(process.cwd() + "/consumer.js");
const say = (value) => writeSync(1, "\\n" + ${JSON.stringify(marker)} + JSON.stringify(value) + "\\n");
process.on("unhandledRejection", () => {});
for (const { specifier, how } of ${JSON.stringify(entries)}) {
  try {
    if (how === "import") await import(specifier);
    else require(specifier);
    say({ ok: true });
  } catch (error) {
    const { name = "", code = "", message = String(error), stack = "" } = error ?? {};
    say({ ok: false, name, code, message: String(message).slice(0, 1000), stack: String(stack).slice(0, 2000) });
    break;
  }
}
process.exit(0);
`;
}
