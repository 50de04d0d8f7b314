import { applyEdits, modify } from "jsonc-parser";

/**
 * slipway.json with some settings changed: comments and form stay.
 *
 * @param text null when there is no file yet
 * @param changes `value` null takes the setting out
 */
export function editSettings(
  text: string | null,
  changes: readonly { readonly keys: readonly string[]; readonly value: string | null }[],
): string {
  const start = text ?? '{\n  "$schema": "./node_modules/slipway/slipway.schema.json"\n}\n';
  const indent = /^[ \t]+(?=")/m.exec(start)?.[0] ?? "  ";
  const formattingOptions = { insertSpaces: !indent.includes("\t"), tabSize: indent.length, eol: "\n" };
  return changes.reduce((now, { keys, value }) => {
    const edits = modify(now, [...keys], value ?? undefined, { formattingOptions });
    return applyEdits(now, edits);
  }, start);
}
