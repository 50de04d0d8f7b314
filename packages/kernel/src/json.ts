export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** JSON with object keys in code-unit order and no white space: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return written(value) ?? "null";
}

/** Undefined for what JSON leaves out of objects. Written piece by piece: this runs for every record of a journal. */
function written(value: unknown): string | undefined {
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) {
    if (value.every(isFlat)) return JSON.stringify(value);
    return `[${value.map((item) => written(item) ?? "null").join(",")}]`;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(fields);
  if (keys.length === 0) return "{}";
  const inOrder = isSorted(keys);
  if (inOrder && keys.every((key) => isFlat(fields[key]))) return JSON.stringify(fields);
  let text = "";
  for (const key of inOrder ? keys : keys.toSorted()) {
    const item = written(fields[key]);
    if (item !== undefined) text += `${text === "" ? "" : ","}${quoted(key)}:${item}`;
  }
  return `{${text}}`;
}

/** As JSON itself writes it, wherever it stands. */
function isFlat(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function");
}

/** Most objects are made in order. */
function isSorted(keys: readonly string[]): boolean {
  for (let at = 1; at < keys.length; at++) if ((keys[at - 1] ?? "") > (keys[at] ?? "")) return false;
  return true;
}

/** Most texts have nothing to escape. */
function quoted(text: string): string {
  return /^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
