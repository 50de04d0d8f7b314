import { UserError, canonicalJson, isRecord, sha256, type Json, type Sha256 } from "@slipway/kernel";

/** One line of a journal or ledger. Each holds the digest of the one before it, so none can be changed, dropped or moved unseen. */
export interface LedgerRecord {
  /** Counts from 1. */
  readonly seq: number;
  /** The `sha256` of the record before; 64 zeros for the first. */
  readonly prevHash: Sha256;
  readonly type: string;
  readonly payload: Json;
  /** Of the canonical JSON of the four fields above. */
  readonly sha256: Sha256;
}

export interface ParsedRecords {
  readonly records: readonly LedgerRecord[];
  /** The text without a torn last line. */
  readonly sound: string;
  /** True: the last line was not written whole. What it said never counted, since no effect precedes its fsync. */
  readonly torn: boolean;
}

const genesis: Sha256 = "0".repeat(64);

export function appendRecord(last: LedgerRecord | undefined, type: string, payload: Json): LedgerRecord {
  const body = { seq: (last?.seq ?? 0) + 1, prevHash: last?.sha256 ?? genesis, type, payload };
  return { ...body, sha256: sha256(canonicalJson(body)) };
}

export function lineOf(record: LedgerRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/**
 * Reads and verifies a whole chain.
 *
 * @throws UserError `ledger/damaged` for any damage but a torn last line, with the line's number
 */
export function parseRecords(text: string, file: string): ParsedRecords {
  const records: LedgerRecord[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end === -1 ? text.length : end);
    // A power cut can leave the file's new length without its bytes: zeros, at the very end.
    const isLast = end === -1 || end === text.length - 1;
    if (end === -1 || (isLast && line.includes("\0"))) {
      return { records, sound: text.slice(0, at), torn: true };
    }
    const record = parsedLine(line);
    const fault = record ? faultOf(record, records.at(-1)) : "is no record";
    if (!record || fault) throw damaged(file, records.length + 1, fault ?? "is no record");
    records.push(record);
    at = end + 1;
  }
  return { records, sound: text, torn: false };
}

function parsedLine(line: string): LedgerRecord | null {
  try {
    const value: unknown = JSON.parse(line);
    return isLedgerRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isLedgerRecord(value: unknown): value is LedgerRecord {
  return (
    isRecord(value) &&
    Number.isSafeInteger(value["seq"]) &&
    typeof value["prevHash"] === "string" &&
    typeof value["type"] === "string" &&
    typeof value["sha256"] === "string" &&
    "payload" in value &&
    Object.keys(value).length === 5
  );
}

function faultOf(record: LedgerRecord, last: LedgerRecord | undefined): string | null {
  const { sha256: said, ...body } = record;
  if (record.seq !== (last?.seq ?? 0) + 1) return `has number ${record.seq}`;
  if (record.prevHash !== (last?.sha256 ?? genesis)) return "does not follow from the line before it";
  return sha256(canonicalJson(body)) === said ? null : "does not have the digest that it names";
}

function damaged(file: string, line: number, fault: string): UserError {
  const message = `line ${line} of ${file} ${fault}`;
  return new UserError("ledger/damaged", message, {
    hint: "move the file away and run the same command again: what the registry already has is looked up and adopted",
    problems: [{ code: "ledger/damaged", message, file, line }],
  });
}
