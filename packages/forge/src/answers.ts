import { isRecord } from "@slipway/kernel";

/** The value at a path of keys in an API's answer. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) here = isRecord(here) ? here[key] : undefined;
  return here;
}

/** A text that the answer must have. */
export function textAt(value: unknown, ...keys: readonly string[]): string {
  const found = at(value, ...keys);
  if (typeof found !== "string") throw new TypeError(`the forge's answer has no ${keys.join(".")}`);
  return found;
}

/** Empty where the answer has none. */
export function wordsAt(value: unknown, ...keys: readonly string[]): string {
  const found = at(value, ...keys);
  return typeof found === "string" ? found : "";
}

export function numberAt(value: unknown, key: string): number {
  const found = at(value, key);
  if (typeof found !== "number") throw new TypeError(`the forge's answer has no ${key}`);
  return found;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
