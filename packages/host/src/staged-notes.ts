import { isRecord } from "@slipway/kernel";
import type { Environment } from "./git.ts";
import { openOwnRefs } from "./own-refs.ts";

/** What a release is about to stage, by the digest of its bytes. */
export interface StagedNote {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  /** As uploads carry it in their document, which nobody can read while they wait. */
  readonly mark: Readonly<Record<string, string>>;
}

/**
 * What unfinished releases staged, written down on `origin`: registries tell neither who staged a version nor what its
 * document says, and a machine without the journal has to know its own.
 */
export interface StagedNotes {
  /** Of all releases that have not ended; none where origin is away. */
  read(): Promise<readonly StagedNote[]>;
  /** Adds to what the release has there. False: origin does not take it, or there is none. */
  add(release: string, notes: readonly StagedNote[]): Promise<boolean>;
  remove(release: string): Promise<void>;
}

const folder = "refs/slipway/staged";
const attempts = 3;

export function openStagedNotes(root: string, env: Environment): StagedNotes {
  let opened: ReturnType<typeof openOwnRefs> | null = null;
  const refs = (): ReturnType<typeof openOwnRefs> => (opened ??= openOwnRefs(root, env));
  return {
    read: async () => {
      const open = await refs();
      const all: StagedNote[] = [];
      for (const [ref, object] of (await open?.list(`${folder}/*`)) ?? [])
        all.push(...notesIn((await open?.message(ref, object)) ?? ""));
      return all;
    },
    add: async (release, notes) => {
      const open = await refs();
      if (!open) return false;
      const ref = `${folder}/${release}`;
      for (let left = attempts; left > 0; left--) {
        const listed = await open.list(ref);
        if (!listed) return false;
        const before = listed.get(ref) ?? null;
        const known = before === null ? [] : notesIn(await open.message(ref, before));
        const all = new Map([...known, ...notes].map((note) => [keyOf(note), note]));
        if (all.size === known.length) return true;
        if ((await open.replace(ref, before, JSON.stringify([...all.values()]))) !== null) return true;
      }
      return false;
    },
    remove: async (release) => {
      const open = await refs();
      const ref = `${folder}/${release}`;
      const before = (await open?.list(ref))?.get(ref);
      if (before !== undefined) await open?.replace(ref, before, null);
    },
  };
}

function keyOf({ name, version, integrity }: StagedNote): string {
  return `${name}@${version} ${integrity}`;
}

/** Whatever else stands there is nobody's note. */
function notesIn(text: string): StagedNote[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  return (Array.isArray(value) ? value : []).flatMap((each: unknown) => {
    if (!isRecord(each) || !isRecord(each["mark"])) return [];
    const { name, version, integrity } = each;
    if (typeof name !== "string" || typeof version !== "string" || typeof integrity !== "string") return [];
    const texts = Object.entries(each["mark"]).filter((entry): entry is [string, string] => {
      return typeof entry[1] === "string";
    });
    return [{ name, version, integrity, mark: Object.fromEntries(texts) }];
  });
}
