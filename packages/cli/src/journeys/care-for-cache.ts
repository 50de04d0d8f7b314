import { pruneStore, pruneWhenDue, storeStats, verifyStore, type StoreBounds } from "@slipway/host";
import { UserError, type ExitStatus } from "@slipway/kernel";
import { relative, resolve } from "node:path";
import type { Outside } from "../command.ts";
import { columns, plural, sizeText } from "../report/text.ts";
import { storeDirOf, userCacheDir } from "../wire/cache-dir.ts";

interface PlaceFlags {
  readonly "cache-dir": string | undefined;
  readonly json: boolean;
}

function storeOf(flags: PlaceFlags, { cwd, env }: Outside): string {
  const named = flags["cache-dir"];
  return storeDirOf(named === undefined ? userCacheDir(env) : resolve(cwd, named));
}

/** `slipway cache stats`. */
export function showStats(flags: PlaceFlags, outside: Outside): ExitStatus {
  const dir = storeOf(flags, outside);
  const stats = storeStats(dir);
  if (flags.json) {
    outside.answer(JSON.stringify({ schema: 1, dir, ...stats }, null, 2));
    return 0;
  }
  const { entries, entryBytes, blobs, blobBytes, quarantined, quarantineBytes, oldestUseMs } = stats;
  const rows = [
    ["results", plural(entries, "entry", "entries"), sizeText(entryBytes)],
    ["large files", plural(blobs, "file"), sizeText(blobBytes)],
    ["quarantine", plural(quarantined, "file"), sizeText(quarantineBytes)],
  ];
  outside.answer([dir, ...columns(rows).map((line) => `  ${line}`)].join("\n"));
  if (oldestUseMs !== null)
    outside.answer(`  used longest ago: ${new Date(oldestUseMs).toISOString().slice(0, 10)}`);
  return 0;
}

/** `slipway cache prune`. */
export function prune(
  flags: PlaceFlags & { readonly "max-size": string; readonly "max-age": string },
  outside: Outside,
): ExitStatus {
  const bounds = boundsOf({ size: flags["max-size"], age: flags["max-age"] });
  const pruned = pruneStore(storeOf(flags, outside), bounds, Date.now());
  const { entries, blobs, freedBytes, keptBytes } = pruned;
  if (flags.json) outside.answer(JSON.stringify({ schema: 1, ...pruned }, null, 2));
  else {
    const gone = `${plural(entries, "entry", "entries")} and ${plural(blobs, "large file")} removed`;
    outside.answer(`${gone}, ${sizeText(freedBytes)} freed, ${sizeText(keptBytes)} kept`);
  }
  return 0;
}

const defaultBounds = { size: "10GB", age: "30d" } as const;

/** What a run does once a day, so that the cache stays within its bounds by itself. Never fails the run. */
export function careDaily(cacheDir: string, { env, say }: Pick<Outside, "env" | "say">): void {
  const size = env["SLIPWAY_CACHE_MAX_SIZE"] || defaultBounds.size;
  const age = env["SLIPWAY_CACHE_MAX_AGE"] || defaultBounds.age;
  const pruned = pruneWhenDue(storeDirOf(cacheDir), boundsOf({ size, age }), Date.now());
  if (pruned && pruned.freedBytes > 0) {
    const { freedBytes, keptBytes } = pruned;
    say(
      `the cache was pruned: ${sizeText(freedBytes)} freed, ${sizeText(keptBytes)} kept (\`slipway cache stats\`)`,
    );
  }
}

/** `slipway cache verify`: exit 1 when something is damaged and was not set aside. */
export async function verify(
  flags: PlaceFlags & { readonly repair: boolean },
  outside: Outside,
): Promise<ExitStatus> {
  const dir = storeOf(flags, outside);
  const verified = await verifyStore(dir, { repair: flags.repair });
  const damaged = verified.damaged.map(({ path, problem }) => ({ path: relative(dir, path), problem }));
  const status = damaged.length > 0 && !flags.repair ? 1 : 0;
  if (flags.json) {
    outside.answer(JSON.stringify({ schema: 1, ...verified, damaged }, null, 2));
    return status;
  }
  for (const { path, problem } of damaged) outside.answer(`${path}: ${problem}`);
  const { entries, blobs } = verified;
  const all = `${plural(entries, "entry", "entries")} and ${plural(blobs, "large file")}`;
  const end = flags.repair ? "set aside" : "damaged; --repair sets them aside";
  outside.say(damaged.length === 0 ? `${all}: whole` : `${all}: ${damaged.length} ${end}`);
  return status;
}

const sizeUnits = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 1024,
  MIB: 1024 ** 2,
  GIB: 1024 ** 3,
} as const;
const ageUnits = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

/** `10GB` and `30d`, as bytes and milliseconds. */
export function boundsOf({ size, age }: { readonly size: string; readonly age: string }): StoreBounds {
  const [, sizeNumber, sizeUnit = "B"] = /^(\d+(?:\.\d+)?)\s*([kmgt]i?b|b)?$/i.exec(size) ?? [];
  const [, ageNumber, ageUnit] = /^(\d+)\s*([mhdw])$/.exec(age) ?? [];
  const bytes = sizeUnits[sizeUnit.toUpperCase() as keyof typeof sizeUnits];
  const ms = ageUnits[ageUnit as keyof typeof ageUnits];
  if (sizeNumber === undefined || bytes === undefined) throw bad("--max-size", size, "500MB or 10GB");
  if (ageNumber === undefined || ms === undefined) throw bad("--max-age", age, "12h or 30d");
  return { sizeBytesMax: Number(sizeNumber) * bytes, ageMsMax: Number(ageNumber) * ms };
}

function bad(flag: string, text: string, like: string): UserError {
  return new UserError("cli/bad-argument", `${flag} does not understand "${text}"`, {
    hint: `it takes ${like}`,
  });
}
