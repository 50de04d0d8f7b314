/** Replaces string values in a YAML text; comments, quotes and every other byte stay. Keys that are not there are left alone. */
export async function editYaml(
  text: string,
  changes: readonly { readonly keys: readonly string[]; readonly value: string }[],
): Promise<string> {
  const { isScalar, parseDocument } = await import("../yaml.ts");
  const document = parseDocument(text, { keepSourceTokens: true });
  const places = changes.flatMap(({ keys, value }) => {
    const node: unknown = document.getIn(keys, true);
    if (!isScalar(node) || !node.range) return [];
    const [start, end] = node.range;
    const quote = /^['"]/.exec(text.slice(start, end))?.[0] ?? (/^[\w^~.]/.test(value) ? "" : '"');
    return [{ start, end, content: `${quote}${value}${quote}` }];
  });
  let edited = text;
  for (const { start, end, content } of places.toSorted((a, b) => b.start - a.start))
    edited = `${edited.slice(0, start)}${content}${edited.slice(end)}`;
  return edited;
}
