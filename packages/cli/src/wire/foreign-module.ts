import { isRecord } from "@slipway/kernel";

/** A CommonJS module with a default export comes wrapped twice. */
export function unwrapped(loaded: unknown): unknown {
  let value = loaded;
  for (let depth = 0; depth < 2; depth++) {
    const inner =
      isRecord(value) || typeof value === "object" ? (value as { default?: unknown }).default : null;
    if (inner) value = inner;
  }
  return value;
}

/** Code that ends the process while it is asked has not done what was asked for, whatever status it gives. */
function neverDone(): void {
  process.exitCode = 1;
  process.stderr.write("a module of the repository ended the process; no file was changed\n");
}

const ANSWER_TIMEOUT_MS = 120_000;

/** What the repository's own code promises, or an error once its time is up. */
export async function inTime<T>(answer: Promise<T>, module: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  process.on("exit", neverDone);
  const late = new Promise<never>((_, reject) => {
    const message = `"${module}" gave no answer within ${ANSWER_TIMEOUT_MS / 1000} s`;
    timer = setTimeout(() => reject(new Error(message)), ANSWER_TIMEOUT_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    process.off("exit", neverDone);
    clearTimeout(timer);
  }
}
