export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** JSON with object keys in code-unit order and no white space: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return written(value) ?? "null";
}

/** Undefined for what JSON leaves out of objects. Written piece by piece: this runs for every record of a journal. */
function written(value: unknown): string | undefined {
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => written(item) ?? "null").join(",")}]`;
  const fields = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const key of sorted(Object.keys(fields))) {
    const item = written(fields[key]);
    if (item !== undefined) text += `${text === "" ? "" : ","}${quoted(key)}:${item}`;
  }
  return `{${text}}`;
}

/** Most objects are made in order. */
function sorted(keys: string[]): string[] {
  for (let at = 1; at < keys.length; at++)
    if ((keys[at - 1] ?? "") > (keys[at] ?? "")) return keys.toSorted();
  return keys;
}

/** Most texts have nothing to escape. */
function quoted(text: string): string {
  return /^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
