// A process that loads one module of the repository and calls its functions: it can be ended, whatever the module does.
// Started by ForeignModule, by name; it imports nothing of the house.

/** The first message names the file, those after it are calls; what is asked for in one turn comes in one message. */
export type ForeignOrder = { readonly load: string } | { readonly calls: readonly ForeignCall[] };

export interface ForeignCall {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

export type ForeignReport =
  | { readonly kind: "loaded"; readonly functions: readonly string[] }
  /** Null: loading failed; else the call of this number. */
  | { readonly kind: "failed"; readonly id: number | null; readonly reason: string }
  | { readonly kind: "answered"; readonly id: number; readonly type: string; readonly text: string | null };

type Functions = Readonly<Record<string, unknown>>;

let functions: Functions = {};

process.on("disconnect", () => process.exit());
process.on("message", (order: ForeignOrder) => {
  if ("load" in order) void load(order.load);
  // All before the first answer: generators gather what they ask a server for in one turn.
  else for (const call of order.calls) void answer(call);
});

async function load(url: string): Promise<void> {
  try {
    functions = unwrapped(await import(url));
    const names = Object.keys(functions).filter((name) => typeof functions[name] === "function");
    report({ kind: "loaded", functions: names });
  } catch (error) {
    report({ kind: "failed", id: null, reason: reasonOf(error) });
  }
}

async function answer({ id, name, args }: ForeignCall): Promise<void> {
  try {
    const word = functions[name];
    const value: unknown =
      typeof word === "function" ? await Reflect.apply(word, functions, args) : undefined;
    const text = typeof value === "string" ? value : null;
    report({ kind: "answered", id, type: value === null ? "null" : typeof value, text });
  } catch (error) {
    report({ kind: "failed", id, reason: reasonOf(error) });
  }
}

/** A CommonJS module with a default export comes wrapped twice. */
function unwrapped(loaded: unknown): Functions {
  let value = loaded;
  for (let depth = 0; depth < 2; depth++) {
    const inner = (value as { readonly default?: unknown } | null)?.default;
    if (inner) value = inner;
  }
  return value as Functions;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function report(value: ForeignReport): void {
  process.send?.(value);
}
