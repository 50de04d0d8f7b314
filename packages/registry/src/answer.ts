import type { HttpFailure, HttpResponse } from "./http.ts";
import { refusalOf } from "./refusal.ts";

/** How an attempt to change something ended, before anyone looked. `unknown` is neither success nor failure. */
export type WriteAnswer =
  | { readonly outcome: "accepted" }
  | { readonly outcome: "conflict"; readonly message: string }
  | { readonly outcome: "retryable"; readonly message: string; readonly retryAfterMs: number | null }
  | {
      readonly outcome: "permanent";
      readonly message: string;
      readonly cause: "auth" | "forbidden" | "invalid" | "orphan";
      /** The registry wants a one-time password. */
      readonly otp?: true;
      /** What the credential's owner can do. */
      readonly hint?: string;
    }
  | { readonly outcome: "unknown"; readonly message: string; readonly retryAfterMs?: number | null };

/** Longer waits than this are not obeyed: 1,934 s were seen on the public registry, absurd values elsewhere. */
export const retryAfterCapMs = 300_000;

/**
 * What a registry's reply to a write proves. A 5xx, a page or a redirect proves nothing: the write may stand.
 * A 403 or 409 over an existing version proves nothing about its bytes.
 */
export function answerOf(response: HttpResponse, nowMs: number): WriteAnswer {
  const { status } = response;
  const message = messageOf(response);
  const retryAfterMs = retryAfter(response, nowMs);
  if (status >= 200 && status < 300) {
    return isPage(response)
      ? { outcome: "unknown", message: `answered ${status} with a page` }
      : { outcome: "accepted" };
  }
  if (status === 429 || status === 408 || status === 425 || (status === 403 && retryAfterMs !== null)) {
    return { outcome: "retryable", message, retryAfterMs };
  }
  if (status === 409) {
    // npm: "Failed to save packument": this or another write may have landed.
    return /failed to save packument/i.test(message)
      ? { outcome: "unknown", message, retryAfterMs }
      : { outcome: "conflict", message };
  }
  if (
    status === 403 &&
    /publish over|previously published|pre-existing version|already exists|previously staged/i.test(message)
  ) {
    return { outcome: "conflict", message };
  }
  // The public registry says 404 where the credentials have no right to the package.
  if ([401, 402, 403, 404, 405].includes(status)) return refusedCredential(response, message);
  if (status >= 400 && status < 500) return { outcome: "permanent", message, cause: "invalid" };
  return { outcome: "unknown", message, retryAfterMs };
}

function refusedCredential(response: HttpResponse, message: string): WriteAnswer {
  const refusal = refusalOf(response, message);
  return {
    outcome: "permanent",
    message: refusal ? `${refusal.says} (it answered ${message})` : message,
    cause: response.status === 401 ? "auth" : "forbidden",
    ...(wantsOtp(response, message) ? { otp: true } : {}),
    ...(refusal ? { hint: refusal.hint } : {}),
  };
}

export function answerOfFailure(failure: HttpFailure): WriteAnswer {
  return failure.reached === "no"
    ? { outcome: "retryable", message: failure.message, retryAfterMs: null }
    : { outcome: "unknown", message: failure.message };
}

/** Milliseconds to wait, from seconds or a date, never negative, capped; null when the header says nothing usable. */
export function retryAfter(response: Pick<HttpResponse, "headers">, nowMs: number): number | null {
  const header = response.headers["retry-after"];
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return null;
  const waitMs = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : /[a-z]{3}/i.test(text)
      ? Date.parse(text) - nowMs
      : NaN;
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(0, Math.ceil(waitMs)), retryAfterCapMs);
}

/** The registry's own words, one line, at most 300 characters. */
export function messageOf(response: HttpResponse): string {
  const text = Buffer.from(response.body.subarray(0, 64 * 1024)).toString("utf8");
  return `${response.status} ${isPage(response) ? "with a page" : wordsOf(text)}`
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);
}

export function isPage(response: HttpResponse): boolean {
  return /^\s*</.test(Buffer.from(response.body.subarray(0, 512)).toString("utf8"));
}

function wordsOf(text: string): string {
  try {
    const parsed = JSON.parse(text) as { error?: unknown; message?: unknown; reason?: unknown } | null;
    const words = [parsed?.error, parsed?.reason, parsed?.message].filter((word) => typeof word === "string");
    return words.length > 0 ? words.join(": ") : text;
  } catch {
    return text;
  }
}

function wantsOtp(response: HttpResponse, message: string): boolean {
  if (response.status !== 401) return false;
  return (
    /\botp\b/i.test(String(response.headers["www-authenticate"] ?? "")) || /one-time pass/i.test(message)
  );
}
