export { appendRecord, lineOf, parseRecords, type LedgerRecord, type ParsedRecords } from "./record.ts";
