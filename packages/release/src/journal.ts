import type { Json } from "@slipway/kernel";
import { appendRecord, lineOf, parseRecords, type LedgerRecord } from "@slipway/ledger";
import type { JournalPort } from "./ports.ts";

/** The records of one release, each on disk before what it announces is done. */
export interface Journal {
  readonly records: readonly LedgerRecord[];
  /** Resolves once the record is durable. Records that wait for the disk together share one write. */
  record(type: string, payload: Json): Promise<void>;
}

/**
 * Reads what earlier runs wrote, cutting a torn last line.
 *
 * @throws UserError `ledger/damaged`
 */
export async function openJournal(port: JournalPort): Promise<Journal> {
  const parsed = parseRecords(await port.read(), port.name);
  if (parsed.torn) await port.cut(parsed.sound);
  const records = [...parsed.records];
  let open: { readonly lines: string[]; readonly written: Promise<void> } | null = null;
  // After a failed write this stays rejected: nothing may be done that the disk does not know of.
  let last: Promise<void> = Promise.resolve();

  function openBatch(): { readonly lines: string[]; readonly written: Promise<void> } {
    const lines: string[] = [];
    const written = last.then(() => {
      open = null;
      return port.append(lines.join(""));
    });
    last = written;
    return { lines, written };
  }

  function record(type: string, payload: Json): Promise<void> {
    const entry = appendRecord(records.at(-1), type, payload);
    records.push(entry);
    open ??= openBatch();
    open.lines.push(lineOf(entry));
    return open.written;
  }
  return { records, record };
}
