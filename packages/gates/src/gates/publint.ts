import { isRecord } from "@slipway/kernel";
import type { Message } from "publint";
import type { Finding, Gate, GateSubject } from "../types.ts";

/** publint's rules on the packed files. Its errors are faults, its warnings remarks; suggestions are for those who ask it themselves. */
export const publintGate: Gate = {
  name: "publint",
  consumes: false,
  check: async ({ files, manifest }) => {
    const { publint } = await import("publint");
    const { formatMessage } = await import("publint/utils");
    const findingOf = (message: Message): Finding => {
      const text = formatMessage(message, manifest, { color: false });
      return {
        code: message.code,
        args: { ...argsOf(message), ...(text ? { message: `${text} (${message.code})` } : {}) },
      };
    };
    const pack = {
      files: files.paths.map((path) => ({ name: `package/${path}`, data: files.read(path) ?? "" })),
    };
    const { messages } = await publint({ pkgDir: "package", pack, level: "warning" });
    const isFault = (message: Message): boolean =>
      message.type === "error" &&
      !isTypesOnlyMain(message, manifest) &&
      !isTypesBehindOthers(message, manifest);
    return {
      faults: messages.filter(isFault).map(findingOf),
      remarks: messages.filter((message) => !isFault(message)).map(findingOf),
    };
  },
};

/** `"main": ""` beside `types` says that there are types and nothing to run: so it stands in every package of DefinitelyTyped. */
function isTypesOnlyMain(
  { code, path }: Message,
  { main, types, typings }: GateSubject["manifest"],
): boolean {
  const declared = types ?? typings;
  return code === "FILE_DOES_NOT_EXIST" && path[0] === "main" && main === "" && typeof declared === "string";
}

/** Only conditions that TypeScript takes as well can hide `types` behind them; `browser` before it hides nothing. */
function isTypesBehindOthers({ code, path }: Message, manifest: GateSubject["manifest"]): boolean {
  if (code !== "EXPORTS_TYPES_SHOULD_BE_FIRST") return false;
  let conditions: unknown = manifest;
  for (const key of path.slice(0, -1)) conditions = isRecord(conditions) ? conditions[key] : undefined;
  if (!isRecord(conditions)) return false;
  const keys = Object.keys(conditions);
  const before = keys.slice(0, keys.indexOf("types"));
  return !before.some((key) => ["import", "require", "node", "default", "module-sync"].includes(key));
}

function argsOf({ path, type, args }: Message): Record<string, string> {
  const values = Object.entries(args as Record<string, unknown>).map(([key, value]) => {
    return [key, typeof value === "string" ? value : JSON.stringify(value)];
  });
  return { path: path.join("."), type, ...(Object.fromEntries(values) as Record<string, string>) };
}
