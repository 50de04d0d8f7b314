import { NearRefs, readChecked, writeChecked, type GitRepository } from "@slipway/host/hot";
import { isGitPlain } from "./git-is-plain.ts";

/** Where two commits met stays true for ever; so many answers are kept, the newest first. */
const keptMax = 64;

/** Answers about commits without a process of git, as far as they are known. */
export interface NearGit {
  readonly git: GitRepository;
  /** Keeps what git had to be asked for, for the next time. */
  keep(): void;
}

/** From HEAD alone: `HEAD`, `HEAD~2`, `HEAD^2~1`. */
const belowHead = /^HEAD(?:[~^]\d*)*$/;
const pair = /^[0-9a-f]{40,64} \S+ [0-9a-f]{40,64}$/;

export function nearGit(git: GitRepository, env: NodeJS.ProcessEnv): NearGit {
  const refs = isGitPlain(env) ? NearRefs.of(git) : null;
  if (!refs?.isPlainHistory()) return { git, keep: () => {} };
  const path = `${git.commonDir}/slipway/bases`;
  const known = (readChecked(path)?.text.split("\n") ?? []).filter((line) => pair.test(line));
  const news: string[] = [];
  const near: GitRepository = {
    ...git,
    commitOf: async (ref) => unless(refs.commitOf(ref), () => git.commitOf(ref)),
    symbolicRef: async (ref) => unless(refs.symbolicRef(ref), () => git.symbolicRef(ref)),
    mergeBase: async (one, other) => {
      const question = questionOf(refs, one, other);
      const line = question === null ? undefined : known.find((each) => each.startsWith(question));
      if (question !== null && line !== undefined) return line.slice(question.length);
      const answer = await git.mergeBase(one, other);
      // Refs that moved meanwhile may have been seen before or after.
      const after = NearRefs.of(git);
      const isSame = question !== null && after !== null && questionOf(after, one, other) === question;
      if (isSame && answer !== null) news.push(question + answer);
      return answer;
    },
  };
  return { git: near, keep: () => keep(path, news, known) };
}

/** What the answer hangs on; null where only git knows. */
function questionOf(refs: NearRefs, one: string, other: string): string | null {
  const head = other === "HEAD" ? refs.head() : undefined;
  const start = belowHead.test(one) ? one : refs.commitOf(one);
  return head && start ? `${head} ${start} ` : null;
}

type Answer = string | null;

/** What the files do not say git is asked for. */
async function unless(found: Answer | undefined, ask: () => Promise<Answer>): Promise<Answer> {
  return found === undefined ? ask() : found;
}

function keep(path: string, news: readonly string[], known: readonly string[]): void {
  if (news.length === 0) return;
  try {
    const text = [...news, ...known].slice(0, keptMax).join("\n");
    writeChecked(path, { text, numbers: new Float64Array() });
  } catch {
    // A full disk or a read-only repository: git is asked again.
  }
}
