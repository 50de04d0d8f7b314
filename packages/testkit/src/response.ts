import { setTimeout as pause } from "node:timers/promises";
import type { Delivery } from "./delivery.ts";

/** A delivery as `fetch` would hand it out: cut connections are rejections, a timeout lasts until the caller gives up. */
export async function responseOf(
  { manner, reply }: Delivery,
  { signal, dripMs }: { readonly signal: AbortSignal; readonly dripMs: number },
): Promise<Response> {
  if (manner === "reset") throw new TypeError("fetch failed", { cause: new Error("ECONNRESET") });
  if (manner === "timeout") {
    return new Promise((_, reject) => {
      const giveUp = () => reject(signal.reason as Error);
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp, { once: true });
    });
  }
  const bodyless = reply.status === 204 || reply.status === 304;
  const body = bodyless ? null : bodyOf(manner, reply.body, dripMs);
  return new Response(body, { status: reply.status, headers: reply.headers });
}

function bodyOf(manner: Delivery["manner"], bytes: Uint8Array, dripMs: number): ReadableStream<Uint8Array> {
  const end = manner === "half" ? Math.floor(bytes.length / 2) : bytes.length;
  let at = 0;
  return new ReadableStream({
    pull: async (controller) => {
      if (at >= end) {
        if (manner === "half") controller.error(new TypeError("terminated"));
        else controller.close();
        return;
      }
      const size = manner === "drip" ? 1 : end;
      if (manner === "drip") await pause(dripMs);
      controller.enqueue(bytes.subarray(at, Math.min(end, at + size)));
      at += size;
    },
  });
}
