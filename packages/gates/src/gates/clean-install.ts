import type { Gate } from "../types.ts";

/** A user's first contact: the version and its peers, installed into an empty folder. */
export const cleanInstall: Gate = {
  name: "clean-install",
  consumes: true,
  check: async ({ name, version }, ports) => {
    const installation = await ports.install(name, version);
    if (installation.ok) return { faults: [], remarks: [] };
    return { faults: [{ code: "install-failed", args: { message: installation.log } }], remarks: [] };
  },
};
