import { applyEdits, findNodeAtLocation, parseTree, type Edit } from "jsonc-parser";

/** Replaces string values in a JSON text; every other byte stays. Keys that are not there are left alone. */
export function editJson(
  text: string,
  changes: readonly { readonly keys: readonly (string | number)[]; readonly value: string }[],
): string {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (!tree) return text;
  const edits = changes.flatMap(({ keys, value }): Edit[] => {
    const node = findNodeAtLocation(tree, [...keys]);
    return node ? [{ offset: node.offset, length: node.length, content: JSON.stringify(value) }] : [];
  });
  return applyEdits(text, edits);
}
