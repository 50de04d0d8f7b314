import type { Answer, Origin } from "./answer.ts";
import type { OurAnswer } from "./our-side.ts";

/** One package that only one side calls affected by a commit. */
export interface Difference {
  readonly package: string;
  readonly side: "slipway" | "peer";
  /** A row of docs/compatibility.md; null: nobody knows why. */
  readonly cause: string | null;
  readonly origin: Origin;
  /** True: the peer itself gives a task of the package another hash than at the commit before. */
  readonly rehashed: boolean;
}

export interface Compared {
  readonly tool: "turbo" | "nx";
  readonly ours: OurAnswer;
  readonly theirs: Answer;
  /** The peer's hashes at the commit before; empty for the first commit. */
  readonly hashesBefore: ReadonlyMap<string, string>;
}

/** Each package that only one side names, with the cause that both sides' own reasons lead to. */
export function differencesOf(compared: Compared): Difference[] {
  const { ours, theirs, tool } = compared;
  const onlyOurs = [...ours.affected].filter(
    ([name]) => theirs.packages.has(name) && !theirs.affected.has(name),
  );
  const onlyTheirs = [...theirs.affected].filter(([name]) => !ours.affected.has(name));
  return [
    ...onlyOurs.map(([name, origin]): Difference => {
      const cause = tool === "turbo" ? overTurbo(origin, theirs) : overNx(origin, ours);
      return { package: name, side: "slipway", cause, origin, rehashed: isRehashed(name, compared) };
    }),
    ...onlyTheirs.map(([name, origin]): Difference => {
      const cause = !ours.packages.has(name)
        ? null
        : tool === "turbo"
          ? underTurbo(origin, ours)
          : underNx(name, origin);
      return { package: name, side: "peer", cause, origin, rehashed: isRehashed(name, compared) };
    }),
  ];
}

function isRehashed(name: string, { theirs, hashesBefore }: Compared): boolean {
  return [...theirs.hashes].some(
    ([id, hash]) => id.startsWith(`${name}#`) && hashesBefore.has(id) && hashesBefore.get(id) !== hash,
  );
}

/** What begins the chain is ours alone, or the chain goes along an edge that turbo does not have. */
function overTurbo({ package: from, kind, via }: Origin, theirs: Answer): string | null {
  if (theirs.affected.has(from) && via.includes("link")) return "link-ranges";
  if (theirs.affected.has(from) && via.includes("range")) return "plain-ranges";
  switch (kind) {
    case "lockfile":
    case "root-dependencies":
    case "lockfile-unknown":
      return "lockfile-edges";
    case "input":
      return "declared-inputs";
    case "global":
      return "lockfile-as-global";
    default:
      return null;
  }
}

function underTurbo({ kind }: Origin, { workspace }: OurAnswer): string | null {
  switch (kind) {
    case "LockfileChanged":
      return workspace.lockfile?.format === "bun" ? "bun-names" : null;
    case "ConservativeRootLockfileChanged":
      return "root-and-lockfile";
    case "RootInternalDepChanged":
      return "root-internal";
    case "LockfileChangeDetectionFailed":
    case "LockfileChangedWithoutDetails":
      return "lockfile-unread";
    default:
      return null;
  }
}

function overNx({ package: from, kind }: Origin, { workspace }: OurAnswer): string | null {
  const owner = workspace.packages.find(({ dir }) => (dir || ".") === from)?.name;
  const isSilent = workspace.tasks.rules.some((rule) => rule.package === owner && !rule.sources["inputs"]);
  if (kind === "input" && isSilent) return "nx-default-inputs";
  return kind === "global" || kind === "configuration" ? "nx-tsconfig" : null;
}

function underNx(name: string, { kind }: Origin): string | null {
  if (kind === "lockfile") return "nx-lockfile";
  if (kind === "tsconfig") return "nx-tsconfig";
  return name === "." ? "root-reads" : null;
}
