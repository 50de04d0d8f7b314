import type { Message } from "publint";
import type { Finding, Gate } from "../types.ts";

/** publint's rules on the packed files. Its errors are faults, its warnings remarks; suggestions are for those who ask it themselves. */
export const publintGate: Gate = {
  name: "publint",
  consumes: false,
  check: async ({ files }) => {
    const { publint } = await import("publint");
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

function findingOf(message: Message): Finding {
  const args: Record<string, string> = {};
  for (const [key, value] of Object.entries(message.args)) {
    args[key] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return { code: message.code, args: { path: message.path.join("."), type: message.type, ...args } };
}
