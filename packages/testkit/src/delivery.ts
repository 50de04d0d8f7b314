import type { Reply } from "./reply.ts";
import type { FaultSpec } from "./faults.ts";

/** A reply and how it travels. `timeout` and `reset` carry nothing. */
export interface Delivery {
  readonly manner: "whole" | "half" | "drip" | "timeout" | "reset";
  readonly reply: Reply;
}

const nothing: Reply = { status: 0, headers: {}, body: new Uint8Array() };

/** What becomes of a reply under a fault. `real` is null when the request was not carried out. */
export function spoiled(real: Reply | null, fault: FaultSpec): Delivery {
  const kept = real ?? nothing;
  switch (fault.reply) {
    case "timeout":
    case "reset":
      return { manner: fault.reply, reply: nothing };
    case "half":
    case "drip":
      return { manner: fault.reply, reply: kept };
    case "page":
      return whole(
        200,
        { "content-type": "text/html" },
        "<!doctype html><title>Sign in</title><p>Please sign in.",
      );
    case "redirect":
      return whole(302, { location: "/-/elsewhere", ...fault.headers }, "");
    case "wrong-type":
      return {
        manner: "whole",
        reply: { ...kept, headers: { ...kept.headers, "content-type": "text/plain" } },
      };
    case "empty":
      return whole(200, {}, "");
    case "foreign-bytes":
      return { manner: "whole", reply: { ...kept, body: lastByteChanged(kept.body) } };
    default: {
      const body = fault.body ?? JSON.stringify({ error: `fault ${fault.reply}` });
      return whole(fault.reply, { "content-type": "application/json", ...fault.headers }, body);
    }
  }
}

function whole(status: number, headers: Readonly<Record<string, string>>, text: string): Delivery {
  return { manner: "whole", reply: { status, headers, body: Buffer.from(text) } };
}

function lastByteChanged(body: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(body);
  const last = changed.length - 1;
  if (last >= 0) changed[last] = (changed[last] ?? 0) ^ 0xff;
  return changed;
}
