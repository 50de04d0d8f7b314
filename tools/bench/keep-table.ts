import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";

export interface KeptTable {
  /** Absolute; made with its introduction where it is not there yet. */
  readonly page: string;
  readonly introduction: string;
  /** Between two comments of this name stands the table; the rest of the page is left alone. */
  readonly name: string;
}

export function keepTable({ page, introduction, name }: KeptTable, text: string): void {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const made = `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${availableParallelism()} processors`;
  const block = `${begin}\n\n${text}\n\n${made}.\n\n${end}`;
  const before = existsSync(page) ? readFileSync(page, "utf8") : introduction;
  const at = before.indexOf(begin);
  const after =
    at === -1
      ? `${before.trimEnd()}\n\n${block}\n`
      : `${before.slice(0, at)}${block}${before.slice(before.indexOf(end) + end.length)}`;
  writeFileSync(page, after);
}
