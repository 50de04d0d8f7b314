import type { Message } from "publint";
import type { Finding, Gate } from "../types.ts";

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
    return {
      faults: messages.filter(({ type }) => type === "error").map(findingOf),
      remarks: messages.filter(({ type }) => type !== "error").map(findingOf),
    };
  },
};

function argsOf({ path, type, args }: Message): Record<string, string> {
  const values = Object.entries(args as Record<string, unknown>).map(([key, value]) => {
    return [key, typeof value === "string" ? value : JSON.stringify(value)];
  });
  return { path: path.join("."), type, ...(Object.fromEntries(values) as Record<string, string>) };
}
