import { didYouMean, isRecord } from "@slipway/kernel";

/** The part of JSON Schema that slipway.json is described with. */
export interface SettingSchema {
  readonly description: string;
  readonly type?: "object" | "array" | "string" | "boolean" | "number";
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  /** False: other keys are mistakes. A schema: that of any other key's value. */
  readonly additionalProperties?: false | SettingSchema;
  readonly items?: SettingSchema;
  readonly enum?: readonly (string | number | boolean)[];
  readonly pattern?: string;
  readonly exclusiveMinimum?: number;
  readonly anyOf?: readonly SettingSchema[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

export interface Fault {
  readonly path: readonly string[];
  /** What follows the setting's name: `has to be true or false`. */
  readonly what: string;
}

/** Everything in a value that its schema does not allow. */
export function faultsIn(value: unknown, schema: SettingSchema, path: readonly string[] = []): Fault[] {
  if (schema.anyOf)
    return schema.anyOf.some((each) => faultsIn(value, each).length === 0)
      ? []
      : faultsOfNearest(value, schema.anyOf, path);
  if (!fits(value, schema)) return [{ path, what: `has to be ${wanted(schema)}` }];
  if (Array.isArray(value))
    return value.flatMap((each, at) =>
      schema.items ? faultsIn(each, schema.items, [...path, String(at)]) : [],
    );
  return isRecord(value) ? faultsOfKeys(value, schema, path) : [];
}

/** An object meant as one is judged as one; all else is told what could stand there. */
function faultsOfNearest(
  value: unknown,
  schemas: readonly SettingSchema[],
  path: readonly string[],
): Fault[] {
  const object = schemas.find((each) => each.type === "object");
  if (object && isRecord(value)) return faultsIn(value, object, path);
  return [{ path, what: `has to be ${schemas.map(wanted).join(", or ")}` }];
}

function faultsOfKeys(
  value: Readonly<Record<string, unknown>>,
  { properties = {}, additionalProperties }: SettingSchema,
  path: readonly string[],
): Fault[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties || undefined;
    if (known) return faultsIn(inner, known, [...path, key]);
    if (additionalProperties !== false) return [];
    const guess = didYouMean(key, Object.keys(properties));
    const hint = guess === undefined ? "" : `; did you mean "${guess}"?`;
    return [{ path: [...path, key], what: `is not known${hint}` }];
  });
}

function fits(value: unknown, schema: SettingSchema): boolean {
  if (schema.enum) return schema.enum.some((each) => each === value);
  const { type } = schema;
  if (type === "object") return isRecord(value);
  if (type === "array") return Array.isArray(value);
  if (type === "boolean") return typeof value === "boolean";
  if (type === "number") return typeof value === "number" && value > (schema.exclusiveMinimum ?? -Infinity);
  if (type === undefined) return true;
  return typeof value === "string" && new RegExp(schema.pattern ?? "", "u").test(value);
}

function wanted(schema: SettingSchema): string {
  if (schema.enum) {
    const words = schema.enum.map((each) => JSON.stringify(each));
    return [words.slice(0, -1).join(", "), words.at(-1)].filter(Boolean).join(" or ");
  }
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "number") return `a number${aboveMinimum(schema)}`;
  if (schema.type === "object") return "an object";
  if (schema.type === "array") return "a list";
  const [example] = schema.examples ?? [];
  return example === undefined ? "a string" : `a string such as ${JSON.stringify(example)}`;
}

function aboveMinimum({ exclusiveMinimum }: SettingSchema): string {
  return exclusiveMinimum === undefined ? "" : ` above ${exclusiveMinimum}`;
}
