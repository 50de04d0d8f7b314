import { isRecord } from "@slipway/kernel";
import type { Message } from "publint";
import type { Finding, Gate, GateSubject } from "../types.ts";

/** publint's errors about what nobody can use. Its others are about what works less well for some, as in much that people install every day. */
const unusable: readonly Message["code"][] = [
  "FILE_DOES_NOT_EXIST",
  "FILE_NOT_PUBLISHED",
  "FIELD_INVALID_VALUE_TYPE",
  "EXPORTS_VALUE_INVALID",
  "IMPORTS_KEY_INVALID",
  "IMPORTS_VALUE_INVALID",
  "LOCAL_DEPENDENCY",
  "BIN_FILE_NOT_EXECUTABLE",
];

/** publint's rules on the packed files. What makes a package unusable is a fault; its other errors and its warnings are remarks; suggestions are for those who ask it themselves. */
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
      unusable.includes(message.code) &&
      !isTypesOnlyMain(message, manifest) &&
      !isBesideSubpaths(message, manifest);
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

/** Where `exports` has subpaths alone, nothing looks for the file that `main` names: npm wrote it, and nobody removed it. */
function isBesideSubpaths({ code, path }: Message, { exports }: GateSubject["manifest"]): boolean {
  if (code !== "FILE_DOES_NOT_EXIST" || path[0] !== "main" || !isRecord(exports)) return false;
  return Object.keys(exports).every((key) => key.startsWith("./"));
}

function argsOf({ path, type, args }: Message): Record<string, string> {
  const values = Object.entries(args as Record<string, unknown>).map(([key, value]) => {
    return [key, typeof value === "string" ? value : JSON.stringify(value)];
  });
  return { path: path.join("."), type, ...(Object.fromEntries(values) as Record<string, string>) };
}
