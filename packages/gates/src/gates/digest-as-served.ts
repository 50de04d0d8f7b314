import type { Gate } from "../types.ts";

/** The staging registry gives back the very bytes that were sealed. */
export const digestAsServed: Gate = {
  name: "digest-as-served",
  consumes: false,
  check: async ({ name, version, integrity }, ports) => {
    if (integrity === null) return { faults: [], remarks: [], skipped: "nobody sealed it here" };
    const served = await ports.servedIntegrity(name, version);
    if (served === integrity) return { faults: [], remarks: [] };
    const fault =
      served === null
        ? { code: "not-served", args: {} }
        : { code: "other-bytes", args: { sealed: integrity, served } };
    return { faults: [fault], remarks: [] };
  },
};
