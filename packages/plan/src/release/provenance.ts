import { isRecord } from "@slipway/kernel";
import type {
  PlannedPackage,
  PlannedProvenance,
  ProvenancePolicy,
  PublishedPackage,
  ReleaseCandidate,
  ReleasePlan,
} from "./types.ts";

export const nothingSigned: ProvenancePolicy = { asked: null, canSign: false, automatic: () => false };

/** What is wanted of a package, and whether it can be had. */
export function provenanceOf(
  member: Pick<ReleaseCandidate, "name" | "access" | "registry" | "provenance">,
  view: PublishedPackage | null,
  policy: ProvenancePolicy,
): PlannedProvenance {
  const facts = { configured: member.provenance ?? null, had: hasProvenance(view), signed: false };
  return { ...facts, signed: isSigned(member, facts, policy) };
}

/** The same plan under another policy: a sealed folder is published by a job with an identity of its own. */
export function withProvenance(plan: ReleasePlan, policy: ProvenancePolicy): ReleasePlan {
  const packages = plan.packages.map((each): PlannedPackage => {
    const signed = each.state === "missing" && isSigned(each, each.provenance, policy);
    return { ...each, provenance: { ...each.provenance, signed } };
  });
  return { ...plan, packages };
}

/** Packages that would be published with less than their users had before. */
export function losesProvenance(plan: ReleasePlan): readonly PlannedPackage[] {
  return plan.packages.filter(({ state, provenance }) => {
    return state === "missing" && provenance.had && !provenance.signed;
  });
}

function isSigned(
  { name, access, registry }: Pick<ReleaseCandidate, "name" | "access" | "registry">,
  { configured, had }: Omit<PlannedProvenance, "signed">,
  { asked, canSign, automatic }: ProvenancePolicy,
): boolean {
  if (!canSign) return false;
  const isPublic = had || access === "public" || !name.startsWith("@");
  return asked ?? configured ?? (automatic(registry) && isPublic);
}

/** Of the version that `latest` gives; without it, of any. */
function hasProvenance(view: PublishedPackage | null): boolean {
  if (!view) return false;
  const latest = view.versions[view.distTags["latest"] ?? ""];
  const asked = latest ? [latest] : Object.values(view.versions);
  return asked.some(({ manifest }) => {
    const dist = manifest["dist"];
    const attestations = isRecord(dist) ? dist["attestations"] : undefined;
    return isRecord(attestations) && attestations["provenance"] !== undefined;
  });
}
