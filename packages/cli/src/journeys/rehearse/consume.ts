import { allGates, type GateResult } from "@slipway/gates";
import { findingText } from "../../report/finding.ts";
import { judgePackages, type Judgement } from "../judge-packages.ts";
import type { RehearsedConsumer } from "./report.ts";

/** What only somebody who has installed a package can tell. */
const consuming = allGates.filter(({ consumes }) => consumes);

/** Does what a user does after a release: installs every package from the registry, loads its entries, starts its bins. */
export async function consumed(
  judgement: Omit<Judgement, "gates" | "onResult">,
): Promise<RehearsedConsumer[]> {
  const results = await judgePackages({ ...judgement, gates: consuming, onResult: () => {} });
  return judgement.tarballs.map(({ name, version }) => {
    const own = results.filter((result) => result.package === name);
    return { package: name, version, ...said(own) };
  });
}

function said(results: readonly GateResult[]): Pick<RehearsedConsumer, "ok" | "sentence"> {
  const failed = results.filter(({ verdict }) => verdict.outcome === "fail");
  if (failed.length > 0) {
    const findings = failed.flatMap(({ verdict }) => (verdict.outcome === "fail" ? verdict.findings : []));
    return { ok: false, sentence: findings.map(findingText).join("; ") };
  }
  const did = results.filter(({ verdict }) => verdict.outcome !== "skipped").map(({ gate }) => doings[gate]);
  return { ok: true, sentence: did.filter((text) => text !== undefined).join(", ") };
}

const doings: Readonly<Record<string, string>> = {
  "clean-install": "installed with its peers",
  "entries-load": "entries load",
  "bins-start": "bins start",
};
